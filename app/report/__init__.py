"""The write-up: what a reviewer or a teacher wants to read about a design.

It tells what analysis and rules found and shows the drawing of an exporter, so it stands above
all three (decision 0013).
"""

from exporters import FORMAT, Exporter, Option

WRITE_UP = Exporter(
    title="Write-up",
    told="a write-up",
    text="Why each part is there, what brings the design down, and what is open, in words.",
    icon="ui_file",
    examples=(),
    options=(Option(FORMAT, "Format", {"html": "Web page", "pdf": "PDF", "md": "Markdown"}),),
    ending="html",
)
