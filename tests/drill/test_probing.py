"""Probes against a real server on this machine."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill import DrillError, probing
from app.drill.engine import free_port
from app.drill.probing import Address, Visitor, Watch
from exporters.deployment import Certificate, FlowProbe
from exporters.pki import certificate_files
from tests.drill.site import Site, serving

READ = FlowProbe(flow="browse", path="/read")
WRITE = FlowProbe(flow="checkout", method="POST", path="/write", read_back="/written")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PATIENCE", 1.0)


def visitor(probe: FlowProbe, *ports: int) -> Visitor:
    return Visitor(probe, [Address("http", port) for port in ports], None, "drill-1-")


def test_an_answer_that_counts_is_good(site: Site) -> None:
    found = visitor(READ, site.port).ask()
    assert (found.good, found.told) == (True, "")
    assert found.ended >= found.began


def test_each_read_asks_for_what_no_cache_holds(site: Site) -> None:
    reader = visitor(READ, site.port)
    assert reader.ask().good
    assert reader.ask().good
    assert visitor(FlowProbe(flow="x", path="/a?b=c"), site.port).ask().good
    assert site.asked == ["/read?drill-1-0", "/read?drill-1-1", "/a?b=c&drill-1-0"]


def test_an_error_of_the_application_is_told_in_its_words(site: Site) -> None:
    site.refuses.add("GET")
    found = visitor(READ, site.port).ask()
    assert (found.good, found.told) == (False, "503 db-1: no server takes writes")


def test_an_answer_that_does_not_count_is_told_by_its_status(site: Site) -> None:
    found = visitor(FlowProbe(flow="x", statuses=(204, 204)), site.port).ask()
    assert (found.good, found.told) == (False, "200")


def test_nobody_there_is_told() -> None:
    assert visitor(READ, free_port()).ask().told == "connection refused"
    assert visitor(READ).ask().told == "no answer: there is no entrance"


def test_an_answer_that_takes_too_long_is_none(site: Site) -> None:
    site.delay = 1.5
    found = visitor(READ, site.port).ask()
    assert (found.good, found.told) == (False, "no answer in time")


def test_a_connection_that_ends_without_an_answer_is_told(site: Site) -> None:
    site.drops = True
    assert visitor(READ, site.port).ask().told.startswith("no answer: ")


def test_a_user_takes_the_next_address_and_remembers_which_was_dead(site: Site) -> None:
    reader = visitor(READ, free_port(), site.port)
    assert all(reader.ask().good for _ in range(3))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        reader = visitor(READ, silent.getsockname()[1], site.port)
        first, second, third = (reader.ask() for _ in range(3))
        assert first.good
        assert first.ended - first.began >= 0.4
        assert second.good
        assert third.good
        assert third.ended - third.began < 0.4, "the silent address is asked last by now"


def test_each_of_two_addresses_gets_its_turn(site: Site) -> None:
    with serving() as other:
        reader = visitor(READ, site.port, other.port)
        for _ in range(4):
            reader.ask()
        assert (len(site.asked), len(other.asked)) == (2, 2)


def test_what_may_have_been_written_is_not_sent_again(site: Site) -> None:
    site.drops = True
    with serving() as other:
        writer = visitor(WRITE, site.port, other.port)
        assert not writer.ask().good
        assert other.notes == []
        assert site.notes == ["drill-1-0"]
        assert writer.acknowledged == set()


def test_what_was_acknowledged_and_is_gone_is_found(site: Site) -> None:
    writer = visitor(WRITE, site.port)
    for _ in range(3):
        writer.ask()
    assert writer.lost() == frozenset()
    site.notes.remove("drill-1-1")
    assert writer.lost() == frozenset({"drill-1-1"})


def test_a_write_that_was_refused_was_never_acknowledged(site: Site) -> None:
    site.refuses.add("POST")
    writer = visitor(WRITE, site.port)
    assert not writer.ask().good
    assert writer.lost() == frozenset()


def test_where_nothing_can_be_read_back_nobody_knows(site: Site) -> None:
    writer = visitor(WRITE, site.port)
    site.refuses.add("GET")
    assert writer.lost() is None
    site.refuses.clear()
    site.list_of_notes = 3
    assert writer.lost() is None
    assert visitor(READ, site.port).lost() == frozenset()


def test_tls_is_trusted_by_the_authority_of_the_project_alone(tmp_path: Path) -> None:
    wanted = [Certificate(service="lb", names=("lb", "localhost"), owner="0:0", mode="0440")]
    for path, text in certificate_files(wanted, {}).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    files = (tmp_path / "pki" / "lb.crt", tmp_path / "pki" / "lb.key")
    with serving(files) as site:
        address = [Address("https", site.port)]
        assert Visitor(READ, address, tmp_path / "pki" / "ca.crt", "").ask().good
        assert "CERTIFICATE_VERIFY_FAILED" in Visitor(READ, address, None, "").ask().told
    (tmp_path / "none.crt").write_text("nothing")
    with pytest.raises(DrillError, match="holds no certificate to trust"):
        Visitor(READ, address, tmp_path / "none.crt", "")


def test_a_watch_asks_at_a_steady_pace_however_slow_the_answers_are(site: Site) -> None:
    site.delay = 0.5
    watch = Watch({"browse": visitor(READ, site.port)}, every=0.05)
    with watch.watching():
        time.sleep(0.4)
    samples = sorted(watch.samples("browse"))
    assert len(samples) >= 5
    assert all(sample.good for sample in samples), "each has its outcome when the watch ends"
    before = len(samples)
    site.delay = 0.0
    with watch.watching():
        time.sleep(0.1)
    assert len(watch.samples("browse")) > before
