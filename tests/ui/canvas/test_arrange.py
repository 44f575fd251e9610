"""Automatic layout."""

import itertools

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.model.links import Place
from app.ui.canvas.arrange import arrange


def _chain() -> tuple[Design, dict[str, str]]:
    design, client = edits.add(Design(), "client", Place(x=500, y=300))
    design, server = edits.add(design, "server", Place(x=0, y=0, width=900, height=900))
    design, empty = edits.add(design, "server", Place(x=0, y=0))
    design, web = edits.add(design, "web_server", parent=server)
    design, app = edits.add(design, "app_server", parent=server)
    design, note = edits.add(design, "note", Place(x=0, y=0, width=300, height=50))
    design, _ = edits.connect(design, client, web)
    design, _ = edits.connect(design, web, app)
    design, _ = edits.connect(design, app, server, role="monitor")
    design, _ = edits.add(design, "cluster", members=(web,))
    return design, {
        "client": client, "server": server, "empty": empty, "web": web, "app": app, "note": note,
    }  # fmt: skip


def test_links_run_from_left_to_right() -> None:
    design, ids = _chain()
    places = arrange(design)

    assert places[ids["client"]].x < places[ids["web"]].x < places[ids["app"]].x


def test_nothing_overlaps_and_containers_fit_their_parts() -> None:
    design, ids = _chain()
    after = edits.move(design, arrange(design))

    roots = [key for key, item in after.components.items() if item.parent is None]
    for one, other in itertools.combinations(roots, 2):
        x, y, width, height = bounds(after, one)
        left, top, wide, high = bounds(after, other)
        apart = x + width <= left or left + wide <= x or y + height <= top or top + high <= y
        assert apart, (one, other)
    assert after.layout[ids["server"]].width is None
    assert after.layout[ids["note"]].width == 300


def test_the_drawing_stays_where_it_was_and_on_the_grid() -> None:
    design, _ = _chain()
    places = arrange(design)

    assert all(place.x % 12 == 0 and place.y % 12 == 0 for place in places.values())
    assert set(places) == set(design.components)


def test_an_empty_design_needs_no_layout() -> None:
    assert arrange(Design()) == {}
