"""The kinds of which no service is ever made, and why; docs/compose.md says the same."""

from collections.abc import Mapping
from types import MappingProxyType

NO_SERVICE: Mapping[str, str] = MappingProxyType(
    {
        "client": "people, who open the published addresses",
        "dns": "names are not served; on this machine the site is at localhost",
        "bastion": "people administer the project with docker compose exec",
        "app_files": "a folder, mounted read-only into the servers that link to it",
        "search": "no program for a search index could be tried with this export; draw a service "
        "with the image that you use",
        "site": "a place: all services run on one machine",
        "zone": "a border: services of two zones share a network only where a link is drawn",
        "server": "a machine: all services run on one, and its loss is shown by stopping what it "
        "holds",
        "note": "a remark for whoever looks at the drawing",
    }
)
