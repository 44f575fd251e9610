"""What a write-up says is so: held against the analysis, for the samples and for any design."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability
from app.analysis.figures import FlowFigures
from app.analysis.what_if import outcomes
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Link, Tls, Waiver
from app.model.traffic import Client
from app.report.content import Block, Bullets, Item, Ref, Section, Table, WriteUp
from app.report.issues import MOST_PROVEN
from app.report.markdown import markdown
from app.report.parts import spoken
from app.report.risks import _down, _promise, _works, duration
from app.report.write import write_up
from app.rules.check import check
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.strategies import designs

GOLDEN = Path(__file__).parent / "golden"
NAMES = [sample.name for sample in SAMPLES]
# What the exercise wants to be said of each design, and what must not be said of it.
SAID = {
    "simple-web-stack": (
        "an A record, which gives an IPv4 address: 8.8.8.8",
        "there is only a larger machine",
        "A new version of app-1 or web-1 stops browse and checkout",
    ),
    "distributed-web-infrastructure": (
        "Spreads requests over web-1 and web-2 (round robin)",
        "the setup is active-active: web-1 and web-2",
        "db-1 replicates to db-2. That goes one way.",
        "Without it checkout stops, and browse goes on.",
        "browse has 2 single points of failure: lb and server-0.",
        "No firewall is on the way in from the internet: users → lb.",
    ),
    "secured-and-monitored": (
        "The traffic from users to lb crosses it.",
        "Holds a certificate for www.foobar.com and foobar.com.",
        "HTTPS ends at lb",
        "Measures server-1 and sends what it measures to monitoring.",
        "lb, web-1 and web-2 report the count.",
        "They share its processor, memory and disks",
    ),
    "scale-up": (
        "Active-active, of lb-1 and lb-2.",
        "with a single target there is nothing to spread",
        "Of 11 links between machines, none can be read on the way.",
    ),
    "two-of-everything": (
        "checkout has no single point of failure: any one part may fail.",
        "The check found nothing to object to.",
        "backup keeps old copies of db-1 and db-2, one every 24 hours.",
        "which succeeds in 95.00% of the cases",
    ),
}
NOT_SAID = {
    "simple-web-stack": ("Spreads", "replicates", "## Clusters", "active-passive"),
    "distributed-web-infrastructure": ("dropped", "agent-", "## Accepted"),
    "secured-and-monitored": ("No firewall is on", "MON001"),
    "scale-up": ("replicates", "Layer: TCP"),
    "two-of-everything": ("SPOF", "Repair:", "can be read on the way: "),
}


def sections(page: WriteUp) -> Iterator[Section]:
    todo = list(page.sections)
    for section in todo:
        yield section
        todo.extend(section.sections)


def section(page: WriteUp, title: str) -> Section:
    return next((each for each in sections(page) if each.title == title), Section(title))


def blocks(page: WriteUp) -> Iterator[Block]:
    return chain(page.summary, *(each.blocks for each in sections(page)))


def items(page: WriteUp) -> Iterator[Item]:
    yield from items_of(blocks(page))


def items_of(found: Iterable[Block]) -> Iterator[Item]:
    for block in found:
        if isinstance(block, Bullets):
            yield from block.items


def table(found: Section) -> Table:
    return next((each for each in found.blocks if isinstance(each, Table)), Table((), ()))


def text_of(design: Design) -> str:
    """Return the Markdown without the drawing and without its escapes."""
    text = re.sub(r"```.*?```", "", markdown(write_up(design), design), flags=re.DOTALL)
    return text.replace("\\", "").replace("**", "")


def sample(name: str) -> Design:
    return load(read(name))


# --- the samples ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_write_up_of_a_sample_is_its_golden_file(name: str, *, accept: bool) -> None:
    text, path = markdown(write_up(sample(name)), sample(name)), GOLDEN / f"{name}.md"
    if accept:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_the_exercise_asks_for(name: str) -> None:
    text = text_of(sample(name))
    for said in SAID[name]:
        assert said in text


@pytest.mark.parametrize("name", NAMES)
def test_it_says_nothing_of_what_is_not_there(name: str) -> None:
    text = text_of(sample(name))
    for said in NOT_SAID[name]:
        assert said not in text


def test_an_empty_design_has_nothing_to_tell() -> None:
    assert text_of(Design(name="Mine")) == "# Mine\n\nNothing is drawn yet.\n"
    assert "Nothing is drawn" in text_of(edits.add(Design(), "note")[0])


def test_a_design_without_flows_says_so() -> None:
    text = text_of(edits.add(Design(), "web_server")[0])
    assert "1 part, and no flow: the design does not say what users do." in text
    assert "stops" not in text


# --- any design -------------------------------------------------------------------------------


@given(designs())
def test_the_parts_named_as_single_points_of_failure_are_these(design: Design) -> None:
    found = section(write_up(design), "Single points of failure")
    named = {row[0].to for row in table(found).rows if isinstance(row[0], Ref)}
    lost = Analysis(design).flows_lost
    assert named == {f"part-{part}" for part in lost if part in design.components}


@given(designs())
def test_the_table_of_losses_says_what_becomes_of_the_flows(design: Design) -> None:
    analysis = Analysis(design)
    for row in table(section(write_up(design), "What if it fails?")).rows:
        first = row[0]
        if not isinstance(first, Ref):
            assert row[1] == "Link"
            continue
        told = outcomes(analysis, (first.to.removeprefix("part-"),))
        for (flow, outcome), cell in zip(told.items(), row[2:], strict=True):
            if analysis.recoverable.dead(flow):
                assert cell == "never works"
            else:
                words = {"down": "stops", "degraded": "goes on", "up": "notices nothing"}
                assert str(cell).startswith(words[outcome.state])


@given(designs())
def test_every_open_finding_is_told_once_and_every_waived_one_with_its_reason(
    design: Design,
) -> None:
    page = write_up(design)
    findings = check(design)
    told = sorted(item.anchor for item in items(page) if "@" in item.anchor)
    assert told == sorted(finding.key for finding in findings)
    waived = [item.text for item in items_of(section(page, "Accepted risks").blocks)]
    reasons = [finding.waiver.reason for finding in findings if finding.waiver]
    assert len(waived) == len(reasons)
    for text, reason in zip(waived, reasons, strict=True):
        assert text.endswith(f"“{' '.join(reason.split())}”")


@given(designs())
def test_every_word_that_leads_somewhere_leads_to_an_entry(design: Design) -> None:
    page = write_up(design)
    anchors = {item.anchor for item in items(page)} - {""}
    refs = {ref.to for item in items(page) for ref in item.see}
    refs |= {item.term.to for item in items(page) if isinstance(item.term, Ref)}
    for block in blocks(page):
        if isinstance(block, Table):
            refs |= {cell.to for row in block.rows for cell in row if isinstance(cell, Ref)}
    assert refs <= anchors


@given(designs())
def test_nothing_is_said_of_tiers_that_are_not_drawn(design: Design) -> None:
    page = write_up(design)
    kinds = {item.kind for item in design.components.values()}
    titles = {each.title for each in sections(page) if each}
    assert ("Clusters" in titles) == ("cluster" in kinds)
    told = section(page, "Load balancing")
    if "load_balancer" not in kinds:
        assert not any(isinstance(block, Bullets) for block in told.blocks)
    parts = section(page, "Why each part is there")
    assert {each.title for each in parts.sections} == {
        item.title for item in design.components.values() if item.kind != "note"
    } or not page.sections


# --- single sentences -------------------------------------------------------------------------


def pair(**cluster: object) -> Design:
    """Two balancers as one, before nothing."""
    design = edits.add(Design(), "client")[0]
    for _ in range(2):
        design = edits.add(design, "load_balancer")[0]
    design, key = edits.add(design, "cluster")
    design = edits.join(design, key, ["lb-1", "lb-2"])
    design = edits.set_fields(design, key, **cluster)
    return edits.connect(design, "users-1", key)[0]


def test_a_passive_member_is_called_so() -> None:
    text = text_of(pair(mode="active-passive", failover="automatic", virtual_address=True))
    assert "lb-1 is the active one." in text
    assert "lb-2 is passive." in text
    assert "share one virtual address" in text


def test_a_lone_active_member_has_no_spare() -> None:
    design = edits.join(pair(mode="active-passive"), "cluster-1", ["lb-1"])
    text = text_of(design)
    assert "lb-1 is the active one." in text
    assert "passive." not in text.partition("## Clusters")[2].partition("## Single")[0]


def test_an_empty_cluster_has_no_members() -> None:
    assert "It has no members yet." in text_of(edits.add(Design(), "cluster")[0])


def members_of(design: Design, cluster: str) -> tuple[str, ...]:
    found = design.components[cluster]
    assert isinstance(found, Cluster)
    return found.members


def databases(*roles: str, **cluster: object) -> Design:
    design = edits.add(Design(), "client")[0]
    design, key = edits.add(design, "cluster")
    for role in roles:
        design, database = edits.add(design, "database")
        design = edits.set_fields(design, database, role=role)
        design = edits.join(design, key, [*members_of(design, key), database])
    return edits.set_fields(design, key, mode="primary-replica", **cluster)


def test_replication_both_ways_is_not_taken_for_replication() -> None:
    design = databases("primary", "replica")
    design = edits.connect(design, "db-1", "db-2", role="replicate")[0]
    design = edits.connect(design, "db-2", "db-1", role="replicate")[0]
    text = text_of(design)
    assert "db-2 is drawn as replicating back" in text
    assert "one way" not in text


def test_a_copy_that_nobody_feeds_is_named() -> None:
    text = text_of(databases("primary", "replica", "primary"))
    assert "No replication is drawn from db-1 to db-2 and db-3." in text
    assert "It is called a primary too" in text


def test_replicas_without_a_primary_take_no_writes() -> None:
    assert "None of its members is a primary" in text_of(databases("replica", "replica"))


def test_a_replica_that_stays_one_is_named() -> None:
    design = edits.set_fields(databases("primary", "replica"), "db-2", promotable=False)
    assert "A replica that must not become the primary." in text_of(design)


def test_a_member_that_is_no_database_has_no_log_to_explain() -> None:
    design = edits.set_fields(pair(), "cluster-1", mode="primary-replica")
    design = edits.connect(design, "lb-1", "lb-2", role="replicate")[0]
    assert "lb-1 replicates to lb-2. That goes one way.\n" in text_of(design)


def balanced(**fields: object) -> Design:
    design = edits.add(Design(), "client")[0]
    design = edits.add(design, "load_balancer")[0]
    design = edits.set_fields(design, "lb-1", **fields)
    for _ in range(2):
        design, web = edits.add(design, "web_server")
        design = edits.connect(design, "lb-1", web)[0]
    return edits.connect(design, "users-1", "lb-1")[0]


def test_first_available_is_not_called_active_active() -> None:
    text = text_of(balanced(algorithm="first", layer="tcp", health_check="none"))
    assert "a later one gets requests only when those before it are full" in text
    assert "a dead one goes on getting its share" in text
    assert "the setup is active-active" not in text


def test_behind_a_balancer_may_be_an_active_passive_cluster() -> None:
    design, key = edits.add(balanced(), "cluster")
    design = edits.join(design, key, ["web-1", "web-2"])
    design = edits.set_fields(design, key, mode="active-passive", failover="manual")
    design = edits.remove(design, ["link-1", "link-2"])
    text = text_of(edits.connect(design, "lb-1", key)[0])
    assert "the setup is active-passive: web-1 works, and web-2 waits." in text
    assert "Until somebody switches by hand, it also hangs on web-1." in text
    assert "Down where only an automatic failover counts" in text


def test_a_balancer_that_leads_nowhere_spreads_nothing() -> None:
    assert "Hands requests to nobody yet." in text_of(edits.add(Design(), "load_balancer")[0])


def test_a_promise_is_kept_or_missed() -> None:
    kept = edits.set_fields(balanced(), "browse", target_availability=0.5)
    assert "50.00%: kept" in text_of(kept)
    missed = edits.set_fields(balanced(), "browse", target_availability=1.0)
    assert "100.00%: missed" in text_of(missed)


@pytest.mark.parametrize(
    ("rate", "said", "unsaid"),
    [
        (140.0, "At the busiest time it also hangs on web-1", "are the same at the busiest time"),
        (90.0, "are the same at the busiest time", "Down at the busiest time"),
        (None, "only an automatic failover counts", "busiest time"),
    ],
)
def test_the_busiest_time_is_told_where_it_differs(
    rate: float | None, said: str, unsaid: str
) -> None:
    design = load(read("distributed-web-infrastructure"))
    design = edits.set_fields(design, "browse", requests_per_second=rate)
    for web in ("web-1", "web-2"):
        design = edits.set_fields(design, web, capacity=100.0)
    told = text_of(design)
    assert said in told
    assert unsaid not in told
    assert ("Down at the busiest time" in told) == (rate == 140.0)


def test_a_waiver_is_told_with_its_reason() -> None:
    design = sample("distributed-web-infrastructure")
    design = edits.waive(
        design, "SPOF004@lb", Waiver(reason="It is a demo", by="Ada", until="2999-12-31")
    )
    text = text_of(design)
    assert f"{len(check(design)) - 1} issues" in text
    assert "1 finding is accepted with a reason." in text
    assert "Accepted by Ada until 2999-12-31: “It is a demo”" in text


def test_all_findings_may_be_waived() -> None:
    design = edits.add(Design(), "web_server")[0]
    for finding in check(design):
        design = edits.waive(design, finding.key, Waiver(reason="so be it"))
    assert "The check found nothing else to object to." in text_of(design)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("CNAME", "a CNAME record, which gives another name to look up"),
        ("AAAA", "an AAAA record, which gives an IPv6 address"),
    ],
)
def test_a_record_is_explained(record: str, said: str) -> None:
    design = edits.set_fields(sample("simple-web-stack"), "dns", record=record, address="")
    assert f"{said}: which one, the design does not say" in text_of(design)


def test_a_flow_that_leads_nowhere_cannot_work() -> None:
    text = text_of(edits.add(Design(), "client")[0])
    assert "browse: cannot work as it is drawn." in text
    assert "no way leads to all that it needs" in text


def test_a_flow_in_words_of_its_own_has_no_drawn_way() -> None:
    design = edits.add(edits.add(Design(), "client")[0], "web_server")[0]
    design = edits.set_fields(design, "browse", requires="web-1")
    text = text_of(design)
    assert "The drawn links show no way of it from the users on." in text
    assert "what the design says that it needs" in text


def test_a_member_of_a_cluster_is_met_on_the_way() -> None:
    assert "cluster-1 is a cluster: here lb-1 answers." in text_of(pair())


def test_an_estimate_is_told_as_one() -> None:
    figures = FlowFigures(Availability(0.001, 0.002, {}), (), None, (), frozenset())
    assert _works(figures) == "between 99.800% and 99.900%"
    assert _down(figures) == "at most 18 hours"
    assert _promise(figures, 0.9985) == "99.850%: not certain"


def test_with_a_third_the_loss_of_one_leaves_nobody_alone() -> None:
    design, web = edits.add(balanced(), "web_server")
    text = text_of(edits.connect(design, "lb-1", web)[0])
    assert "Without web-1, browse and checkout go on, and no other part becomes" in text
    assert "| web-1 | Web server | goes on | goes on |" in text


def test_who_writes_through_a_firewall_writes() -> None:
    design = databases("primary", "replica")
    for kind in ("app_server", "firewall"):
        design = edits.add(design, kind)[0]
    design = edits.connect(design, "app-1", "fw-1", role="write")[0]
    design = edits.connect(design, "fw-1", "db-1", role="write")[0]
    assert "The primary. app-1 writes to it." in text_of(design)


def test_a_web_application_firewall_reads_requests() -> None:
    design, wall = edits.add(Design(), "firewall")
    design = edits.set_fields(design, wall, inspects="requests", default_policy="allow")
    text = text_of(design)
    assert "No traffic crosses it. It is a web application firewall: it reads the requests." in text
    assert "What no rule names is let through." in text


def test_an_agent_says_whom_it_measures_and_who_asks_it() -> None:
    design = edits.add(edits.add(Design(), "monitoring_agent")[0], "monitoring_server")[0]
    design = edits.connect(design, "monitoring-1", "agent-1", role="monitor")[0]
    text = text_of(design)
    assert "Stands on no machine and is asked by monitoring-1." in text
    assert "Asks agent-1. Tells nobody what it finds." in text


def test_logs_are_kept_of_those_who_send_them() -> None:
    design = edits.add(edits.add(Design(), "log_store")[0], "web_server")[0]
    assert "Gets no logs." in text_of(design)
    design = edits.connect(design, "web-1", "logs-1", role="log")[0]
    assert "Keeps the logs of web-1." in text_of(design)


def test_repairs_are_tried_for_the_worst_findings_only() -> None:
    design = Design()
    for _ in range(MOST_PROVEN + 2):
        design = edits.add(design, "web_server")[0]
    text = text_of(design)
    assert 0 < text.count("Repair: ") <= MOST_PROVEN


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 seconds"),
        (0.5, "30 seconds"),
        (1.9, "114 seconds"),
        (5, "5 minutes"),
        (90, "90 minutes"),
        (150, "2.5 hours"),
        (4000, "2.8 days"),
        (525_600, "365 days"),
    ],
)
def test_a_time_is_told_in_the_unit_that_fits(minutes: float, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize(
    ("tls", "told"), [("none", "files on the same machine"), ("1.3", "files over TLS")]
)
def test_files_are_no_protocol_of_the_network(tls: Tls, told: str) -> None:
    assert spoken(Link(source="a", target="b", role="request", protocol="file", tls=tls)) == told


def test_what_no_two_failures_stop_has_no_likeliest_pair() -> None:
    design = balanced()
    for key, item in design.components.items():
        if not isinstance(item, Client):
            design = edits.set_fields(design, key, availability=1.0)
    text = text_of(design)
    assert "any one part may fail." in text
    assert "the likeliest pair" not in text
