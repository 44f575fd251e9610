"""Tables of links say of another version what a fresh look says, and ask only what is new."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.model.diff import diff
from app.model.link_tables import LinkTables
from app.model.links import Link

IDS = tuple(f"link-{number}" for number in range(8))
POOL = tuple(
    Link(source="a", target="b", role=role) for role in ("read", "write", "read", "monitor")
)
versions = st.dictionaries(st.sampled_from(IDS), st.sampled_from(POOL)).map(
    lambda links: {key: links[key] for key in IDS if key in links}
)


def reads(link: Link) -> bool:
    return link.role == "read"


@given(st.lists(versions, min_size=2, max_size=6))
def test_a_table_follows_any_changes(history: list[dict[str, Link]]) -> None:
    tables = LinkTables(history[0])
    tables.passing("reads", reads)
    for before, after in pairwise(history):
        tables = LinkTables(after, tables, diff(before, after))
        found = tables.passing("reads", reads)
        assert list(found.items()) == [(key, link) for key, link in after.items() if reads(link)]


def test_only_new_links_are_asked_and_a_table_that_none_of_them_enters_stays() -> None:
    asked: list[Link] = []

    def test(link: Link) -> bool:
        asked.append(link)
        return reads(link)

    before = dict(zip(IDS, POOL, strict=False))
    first = LinkTables(before)
    table = first.passing("reads", test)
    assert asked == list(POOL)
    asked.clear()
    added = {**before, "link-7": Link(source="b", target="c", role="log")}
    second = LinkTables(added, first, diff(before, added))
    assert second.passing("reads", test) is table
    assert asked == [added["link-7"]]
    assert second.passing("reads", test) is table, "asked once in a version"
    assert len(asked) == 1
