"""What is known of links says of another version what a fresh look says, and asks what is new."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.model.diff import diff
from app.model.link_facts import LinkFacts
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
    tables = LinkFacts(history[0])
    tables.passing("reads", reads)
    for before, after in pairwise(history):
        tables = LinkFacts(after, tables, diff(before, after))
        found = tables.passing("reads", reads)
        assert list(found.items()) == [(key, link) for key, link in after.items() if reads(link)]


def test_only_new_links_are_asked_and_a_table_that_none_of_them_enters_stays() -> None:
    asked: list[Link] = []

    def test(link: Link) -> bool:
        asked.append(link)
        return reads(link)

    before = dict(zip(IDS, POOL, strict=False))
    first = LinkFacts(before)
    table = first.passing("reads", test)
    assert asked == list(POOL)
    asked.clear()
    added = {**before, "link-7": Link(source="b", target="c", role="log")}
    second = LinkFacts(added, first, diff(before, added))
    assert second.passing("reads", test) is table
    assert asked == [added["link-7"]]
    assert second.passing("reads", test) is table, "asked once in a version"
    assert len(asked) == 1


def test_what_is_said_of_links_is_asked_again_where_one_of_them_changed() -> None:
    before = dict(zip(IDS, POOL, strict=False))
    words = iter(("first", "second", "third"))
    first = LinkFacts(before)
    assert first.said("told", ("link-0", "link-1"), words.__next__) == "first"
    other = {**before, "link-2": POOL[0]}
    second = LinkFacts(other, first, diff(before, other))
    assert second.said("told", ("link-0", "link-1"), words.__next__) == "first"
    assert second.said("told", ("link-0", "link-2"), words.__next__) == "second"
    changed = {**other, "link-1": POOL[3]}
    third = LinkFacts(changed, second, diff(other, changed))
    assert third.said("told", ("link-0", "link-1"), words.__next__) == "third"
    assert third.said("told", ("link-0", "link-2"), words.__next__) == "second"
