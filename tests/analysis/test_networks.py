"""Parts that links have to join: against a walk through all states, in figures and in cut sets."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.diagrams import TooLargeError
from app.analysis.failure_table import failure_of, failure_table
from app.analysis.figures import figures_of
from app.analysis.minimal_cuts import minimal_cut_sets
from app.analysis.networks import drawn
from app.analysis.sampling import share_down
from app.analysis.what_if import outcomes
from app.model import edits, expressions
from app.model.compute import Service
from app.model.containers import Cluster, Server
from app.model.design import Design
from app.model.expressions import Reach
from app.model.kinds import AnyComponent
from app.model.links import Flow, Link
from app.model.traffic import Client, Firewall

Pairs = Iterable[tuple[str, str]]
NODES = ("a", "b", "c", "d", "e")


def switches(*names: str, availability: float = 1.0) -> dict[str, AnyComponent]:
    return {key: Service(name=key, availability=availability) for key in names}


def cables(pairs: Pairs, availability: float | None = 0.9) -> dict[str, Link]:
    """Links that are named after their ends: `a-b`."""
    return {
        f"{one}-{other}": Link(source=one, target=other, availability=availability)
        for one, other in pairs
    }


def designed(
    text: str, components: Mapping[str, AnyComponent], links: Mapping[str, Link]
) -> Design:
    """A design whose flow needs what an expression says."""
    return Design(
        components={**components, "users": Client(name="users")},
        links=links,
        flows={"visit": Flow(name="visit", client="users", requires=text)},
    )


def graph_of(design: Design) -> RequirementGraph:
    return RequirementGraph(design, "recoverable")


def ladder(rungs: int, text: str = "") -> Design:
    """Two rails with rungs between; no way leads on from one end but along them."""
    ids = [(f"l-{number}", f"r-{number}") for number in range(rungs)]
    pairs = [*ids, *((low[side], high[side]) for low, high in pairwise(ids)
                     for side in (0, 1))]  # fmt: skip
    parts = switches(*(key for rung in ids for key in rung))
    links = {
        f"link-{number}": Link(source=one, target=other, availability=0.9)
        for number, (one, other) in enumerate(pairs)
    }
    return designed(text or f"reach(l-0, r-{rungs - 1})", parts, links)


# --- against all states -----------------------------------------------------------------------


def events_of(design: Design) -> dict[str, Fraction]:
    """The parts and links that may fail, with the chance that they do."""
    figures = {
        key: item.availability
        for table in (design.components, design.links)
        for key, item in table.items()
        if key != "users"
    }
    return {
        key: 1 - Fraction(str(figure)) for key, figure in figures.items() if figure and figure < 1
    }


def works(design: Design, failed: frozenset[str]) -> bool:
    """Whether all networks that the flow requires hold, found by walking through them."""
    found = expressions.reaches(design.flows["visit"].requires)
    return all(_holds(design, reach, failed) for reach in found)


def _holds(design: Design, reach: Reach, failed: frozenset[str]) -> bool:
    def alive(key: str) -> bool:
        return key not in failed and design.components[key].parent not in failed

    ways = {(link.source, link.target) for key, link in design.links.items() if key not in failed}
    if not reach.directed:
        ways |= {(target, source) for source, target in ways}
    reached = {reach.parts[0]} if alive(reach.parts[0]) else set[str]()
    while more := {end for start, end in ways if start in reached and alive(end)} - reached:
        reached |= more
    return reached.issuperset(reach.parts)


def states(events: Mapping[str, Fraction]) -> Iterator[tuple[frozenset[str], Fraction]]:
    for chosen in product((False, True), repeat=len(events)):
        happens = dict(zip(events, chosen, strict=True))
        weight = math.prod(
            (events[key] if happens[key] else 1 - events[key] for key in events), start=Fraction(1)
        )
        yield frozenset(key for key in events if happens[key]), weight


def minimal_cuts(design: Design) -> set[frozenset[str]]:
    found: set[frozenset[str]] = set()
    events = events_of(design)
    for order in range(len(events) + 1):
        for failed in map(frozenset, combinations(events, order)):
            if not works(design, failed) and not any(cut <= failed for cut in found):
                found.add(failed)
    return found


FIGURES = st.sampled_from((1.0, 1.0, 0.9, 0.75, 0.5))
LINKS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), FIGURES).filter(
        lambda link: link[0] != link[1]
    ),
    max_size=6,
)
ENDS = st.lists(st.sampled_from(NODES), min_size=2, max_size=4, unique=True).map(tuple)
REACHES = st.lists(st.builds(Reach, ENDS, st.booleans()), min_size=1, max_size=2)


@st.composite
def small_networks(draw: st.DrawFn) -> Design:
    """Up to five parts, two of which stand on one server, six links and two requirements."""
    parts: dict[str, AnyComponent] = {
        key: Service(name=key, availability=draw(FIGURES), parent="rack" if key in "bc" else None)
        for key in NODES
    }
    parts["rack"] = Server(name="rack", availability=draw(FIGURES))
    links = {
        f"link-{number}": Link(source=source, target=target, availability=figure)
        for number, (source, target, figure) in enumerate(draw(LINKS), 1)
    }
    text = " and ".join(map(expressions.write, draw(REACHES)))
    return designed(text, parts, links)


BRIDGE = cables((("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d")))
ON_ONE_RACK = {
    **switches("a", "d"),
    "rack": Server(name="rack", availability=0.9),
    "b": Service(name="b", parent="rack", availability=0.75),
    "c": Service(name="c", parent="rack", availability=0.75),
}


@given(small_networks())
@example(designed("reach(a, d)", ON_ONE_RACK, BRIDGE))
@example(designed("reach(a -> d)", ON_ONE_RACK, BRIDGE))
@example(designed("reach(a -> b, c, d)", switches(*"abcd", availability=0.9), BRIDGE))
@example(designed("reach(a, b, c, d)", switches(*"abcd", availability=0.9), BRIDGE))
@example(designed("reach(d -> a)", switches(*"abcd"), BRIDGE))
@example(designed("reach(a, d) and reach(b, c)", ON_ONE_RACK, BRIDGE))
@example(designed("reach(a, e)", switches(*"abcde"), BRIDGE))
def test_figures_and_cut_sets_are_those_of_all_states(design: Design) -> None:
    graph = graph_of(design)
    down = sum((w for failed, w in states(events_of(design)) if not works(design, failed)),
               start=Fraction(0))  # fmt: skip
    cuts = minimal_cuts(design)

    assert availability_of(graph, "visit").unavailability == pytest.approx(float(down), rel=1e-12)
    assert set(minimal_cut_sets(graph, "visit").up_to(20)) == cuts
    assert graph.dead("visit") == (frozenset() in cuts)
    assert {frozenset((key,)) for key in graph.spofs("visit")} == {c for c in cuts if len(c) == 1}
    assert graph.pairs("visit") == {cut for cut in cuts if len(cut) == 2}


@given(
    small_networks(), st.lists(st.sampled_from((*NODES, "rack", "link-1", "link-2")), max_size=4)
)
@example(designed("reach(a, d)", ON_ONE_RACK, BRIDGE), ["a-b", "c-d"])
def test_what_has_failed_takes_the_flow_down_or_not(design: Design, failed: list[str]) -> None:
    graph = graph_of(design)
    happened = frozenset(failed) & events_of(design).keys()

    assert ("visit" in graph.down_when(happened)) == (not works(design, happened))
    down = graph.down_in(dict.fromkeys(happened, 0b10), 2)["visit"]
    assert down == 2 * (not works(design, happened)) + (not works(design, frozenset()))


def test_all_joined_in_complete_graphs_is_as_gilbert_reckons() -> None:
    """E. N. Gilbert, Random graphs, Annals of Mathematical Statistics 30 (1959)."""
    missing = Fraction(1, 10)
    joined = [Fraction(0), Fraction(1)]
    for size in range(2, 9):
        apart = Fraction(0)
        for k in range(1, size):  # so many are joined to the first one, and no others
            apart += math.comb(size - 1, k - 1) * joined[k] * missing ** (k * (size - k))
        joined.append(1 - apart)
        names = [f"n-{number}" for number in range(size)]
        design = designed(
            f"reach({', '.join(names)})", switches(*names), cables(combinations(names, 2))
        )
        found = availability_of(graph_of(design), "visit")
        assert found.exact
        assert found.unavailability == pytest.approx(float(1 - joined[size]), rel=1e-12)


# --- what is drawn ----------------------------------------------------------------------------


def test_only_what_is_on_a_way_between_the_parts_matters() -> None:
    aside = cables((("a", "b"), ("b", "c"), ("b", "x"), ("x", "y"), ("y", "b")), None)
    design = designed("reach(a, c)", switches(*"abcxy", availability=0.9), aside)

    ahead = designed("reach(a -> c)", design.components, aside)
    assert set(graph_of(design).events) == set(graph_of(ahead).events) == {"a", "b", "c"}


def test_links_without_a_figure_never_fail_and_one_with_a_figure_does() -> None:
    links = cables((("a", "b"),), None)
    assert availability_of(
        graph_of(designed("reach(a, b)", switches("a", "b"), links)), "visit"
    ) == (availability_of(graph_of(designed("true", {}, {})), "visit"))
    figured = designed("reach(a, b)", switches("a", "b"), cables((("a", "b"),), 0.99))
    assert availability_of(graph_of(figured), "visit").unavailability == pytest.approx(0.01)


def test_a_link_that_fails_counts_in_what_the_drawing_says_as_well() -> None:
    links = {
        "in": Link(source="users", target="a", availability=0.99),
        "on": Link(source="a", target="b", role="read", availability=0.98),
        "again": Link(source="a", target="b", role="read", availability=0.98),
    }
    design = designed("", switches("a", "b"), links)

    assert graph_of(design).spofs("visit") == {"in"}
    assert graph_of(design).pairs("visit") == {frozenset(("on", "again"))}
    found = availability_of(graph_of(design), "visit")
    assert found.unavailability == pytest.approx(1 - 0.99 * (1 - 0.02**2))
    assert found.outages_per_year is None  # nobody says how often a link fails


def test_firewalls_on_a_link_have_to_work_and_other_roles_carry_nothing() -> None:
    links = {
        "guarded": Link(source="a", target="b", via=("wall",)),
        "watched": Link(source="a", target="b", role="monitor"),
        "soft": Link(source="b", target="c", dependency="soft"),
    }
    parts = {**switches("a", "b", "c"), "wall": Firewall(name="wall", availability=0.9)}
    assert graph_of(designed("reach(a, c)", parts, links)).spofs("visit") == {"wall"}


def test_a_cluster_leads_to_its_members() -> None:
    parts = {
        **switches("a", "b", "c", "d", availability=0.9),
        "pair": Cluster(name="pair", members=("b", "c")),
    }
    design = designed("reach(a -> d)", parts, cables((("a", "pair"), ("b", "d"), ("c", "d")), None))

    assert graph_of(design).spofs("visit") == {"a", "d"}
    assert graph_of(design).pairs("visit") == {frozenset(("b", "c"))}


@pytest.mark.parametrize("reach", [Reach(("a", "x")), Reach(("a", "c")), Reach(("c", "a"), True),
                                   Reach(("a", "b", "c"), True)])  # fmt: skip
def test_parts_that_nothing_joins_are_never_joined(reach: Reach) -> None:
    design = designed(expressions.write(reach), switches("a", "b", "c"), cables((("a", "b"),)))

    assert drawn(design, reach) is None
    assert graph_of(design).dead("visit")


def test_a_link_is_no_part_of_an_expression() -> None:
    design = designed("a-b.alive", switches("a", "b"), cables((("a", "b"),)))
    assert graph_of(design).dead("visit")


# --- two fixpoints ----------------------------------------------------------------------------


def test_a_ring_that_nothing_leads_to_is_not_reached() -> None:
    """Reaching is the least fixpoint: the ring of c, d and e does not hold itself up."""
    ring = cables((("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "c")))
    design = designed("reach(a -> e)", switches(*"abcde"), ring)

    assert graph_of(design).spofs("visit") == {"a-b", "b-c", "c-d", "d-e"}
    assert graph_of(design).down_when(("b-c",)) == {"visit"}
    del ring["b-c"]
    assert graph_of(designed("reach(a -> e)", switches(*"abcde"), ring)).dead("visit")


def test_parts_that_need_each_other_across_a_network_run() -> None:
    """Needing is the greatest fixpoint, also where the circle passes through a network."""
    parts = switches("a", "b", "c", availability=0.9)
    parts["a"] = replace(parts["a"], requires={"alive": "reach(b, c)"})
    parts["b"] = replace(parts["b"], requires={"alive": "a.alive"})
    design = designed("a.alive", parts, cables((("b", "c"),), 0.99))
    graph = graph_of(design)

    assert not graph.dead("visit")
    assert graph.spofs("visit") == {"a", "b", "c", "b-c"}
    found = availability_of(graph, "visit")
    assert found.exact
    assert found.availability == pytest.approx(0.9**3 * 0.99)


# --- large ones -------------------------------------------------------------------------------


def test_a_long_ladder_is_exact() -> None:
    """It is 1,198 links long, and no wider for that."""
    graph = graph_of(ladder(400))
    found = availability_of(graph, "visit")

    assert found.exact
    transfer = _ladder(400)
    assert found.availability == pytest.approx(transfer, rel=1e-12)
    with pytest.raises(TooLargeError):  # which are not found without recursion
        minimal_cut_sets(graph_of(ladder(400, "reach(l-0, r-100)")), "visit")


def _ladder(rungs: int, p: float = 0.9) -> float:
    """Rung by rung: which rails the start reaches, and whether they are joined to each other."""
    left, right, both = 1 - p, 0.0, p
    for _ in range(rungs - 1):
        only_left = left * p + both * p * (1 - p)
        only_right = right * p + both * p * (1 - p)
        each = both * p * p
        left, right = only_left * (1 - p), only_right * (1 - p)
        both = each + (only_left + only_right) * p
    return right + both


def test_beyond_the_budget_there_is_an_estimate() -> None:
    names = [f"n-{number}" for number in range(7)]
    links = cables(combinations(names, 2), 0.6)
    graph = graph_of(designed(f"reach({', '.join(names)})", switches(*names), links))
    exact = availability_of(graph, "visit")
    estimate = availability_of(graph, "visit", budget=100)

    assert exact.exact
    assert not estimate.exact
    assert estimate.interval
    assert estimate.interval[0] <= exact.unavailability <= estimate.interval[1]
    for budget in (100, 1_000):  # too little for the diagram; enough for it, not for the cut sets
        with pytest.raises(TooLargeError):
            minimal_cut_sets(graph, "visit", budget=budget)


def test_a_network_too_deep_to_walk_through_gets_an_estimate() -> None:
    names = [f"n-{number}" for number in range(600)]
    parts = {**switches(*names), **switches("late", availability=0.9)}
    text = f"reach({names[0]}, {names[-1]}) and late"
    deep = designed(text, parts, cables(pairwise(names), 0.9999))
    found = availability_of(graph_of(deep), "visit")

    assert not found.exact
    assert found.unavailability == pytest.approx(1 - 0.9 * 0.9999**599, rel=1e-3)


def test_a_sample_sees_networks_as_they_are() -> None:
    design = designed("reach(a, d)", switches(*"abcd"), BRIDGE)
    graph = graph_of(design)
    three = [
        (w, works(design, failed)) for failed, w in states(events_of(design)) if len(failed) > 2
    ]
    share = float(sum(w for w, up in three if not up) / sum(w for w, _ in three))

    _, (least, most) = share_down(graph, "visit", dict.fromkeys(events_of(design), 0.1))
    assert least <= share <= most


# --- failures ---------------------------------------------------------------------------------


def test_a_network_that_loses_a_link_is_degraded_or_down() -> None:
    links = {key: replace(link, availability=None) for key, link in BRIDGE.items()}
    design = designed("reach(a, d)", switches(*"abcd"), links)
    analysis = Analysis(design)

    assert outcomes(analysis, ("a-b",))["visit"].state == "degraded"
    assert outcomes(analysis, ("a-b", "a-c"))["visit"].state == "down"
    assert failure_of(analysis, ("b-d",)).states == {"visit": "degraded"}
    assert failure_of(analysis, ("b-d", "c-d")).states == {"visit": "down"}


def test_links_with_a_figure_are_among_the_failures_and_the_single_points() -> None:
    links = {**cables((("a", "b"),), 0.99), **cables((("b", "c"),), None)}
    design = designed("reach(a, c)", switches("a", "b", "c", availability=0.9), links)
    analysis = Analysis(design)
    table = failure_table(analysis)

    assert {failure.failed: failure.share for failure in table.failures} == {
        ("a",): pytest.approx(0.1),
        ("b",): pytest.approx(0.1),
        ("c",): pytest.approx(0.1),
        ("a-b",): pytest.approx(0.01),
    }
    assert analysis.spofs["visit"] == {"a", "b", "c", "a-b"}
    assert analysis.links_lost == {"a-b": ("visit",)}
    assert "a-b" not in analysis.flows_lost
    figures = figures_of(analysis.recoverable, "visit")
    assert figures.spofs == ("a", "a-b", "b", "c")
    assert figures.assumed == frozenset()
    assert dict(figures.contributions)["a-b"] == pytest.approx(
        figures.availability.contribution("a-b")
    )


def test_a_part_that_is_deleted_leaves_the_network() -> None:
    design = designed("reach(a, b, d)", switches(*"abcd"), BRIDGE)
    assert edits.remove(design, ["b"]).flows["visit"].requires == "reach(a, d)"


def test_a_link_that_joins_parts_and_carries_requests_fails_once() -> None:
    links = {
        "first": Link(source="users", target="a", availability=0.9),
        "second": Link(source="a", target="b"),
    }
    design = designed("reach(users, b) or users.read", switches("a", "b"), links)
    assert graph_of(design).spofs("visit") == {"first"}
