"""`loadpath simulate`: who gets which request, how long they wait, and what a death does."""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.terminal import CommandError, Style, coloured, deliver, plain

if TYPE_CHECKING:
    from app.analysis.queueing import Queue
    from app.analysis.scenarios import Drawn
    from app.analysis.simulation import Outage, Simulation
    from app.model.design import Design

VERSION = 1
REQUESTS = 10_000
ALGORITHMS = ("roundrobin", "static-rr", "leastconn", "source", "uri", "random", "first")
NAMED = 24  # characters of a server's name in the table
_KILL = re.compile(r"([a-z][a-z0-9_-]*)@(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")
_EPILOG = """\
examples:
  loadpath simulate shop.loadpath.json
  loadpath simulate shop.loadpath.json --balancer lb --algorithm leastconn --rate 180
  loadpath simulate shop.loadpath.json --seconds 120 --kill web-1@30        it stays dead
  loadpath simulate shop.loadpath.json --seconds 120 --kill web-1@30-60     it works again
  loadpath simulate shop.loadpath.json --format json      docs/json.md says what is in it

Requests come by chance and take a time by chance; the same seed gives the same run, and another
algorithm meets the same requests. Times are in seconds. What the design does not say, the load of
its flows or the capacity of a part, is assumed and told.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "simulate",
        help="send requests through a load balancer or cluster, and let servers die",
        description="Simulate the servers behind a load balancer, or the members of a cluster.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    made.add_argument(
        "--balancer",
        default="",
        metavar="ID",
        help="or a cluster; default: the first there is",
    )
    made.add_argument("--algorithm", choices=ALGORITHMS, help="default: what the design says")
    made.add_argument(
        "--hash",
        choices=("consistent", "map"),
        default="consistent",
        help="how source and uri find a server; default: consistent, as in an exported project",
    )
    length = made.add_mutually_exclusive_group()
    length.add_argument("--requests", type=int, metavar="N", help=f"default: {REQUESTS}")
    length.add_argument("--seconds", type=float, metavar="S", help="end after this time instead")
    made.add_argument(
        "--rate", type=float, metavar="R", help="requests a second; default: what the flows say"
    )
    made.add_argument(
        "--kill",
        action="append",
        default=[],
        metavar="ID@T",
        help="let a server die at T seconds; ID@T-U: and work again at U; may be repeated",
    )
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance; default: 1")
    made.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Simulate, and print who got what."""
    from app.analysis.scenarios import drawn_scenario
    from app.storage.files import open_design

    design = open_design(arguments.file)
    drawn = drawn_scenario(design, arguments.balancer, arguments.rate)
    scenario = replace(
        drawn.scenario,
        algorithm=arguments.algorithm or drawn.scenario.algorithm,
        consistent=arguments.hash == "consistent",
        outages=tuple(_outage(text) for text in arguments.kill),
        seed=arguments.seed,
    )
    drawn = replace(drawn, scenario=scenario)
    simulation = _simulated(drawn, arguments.requests, arguments.seconds)
    if arguments.format == "json":
        found = _document(design, arguments.file, drawn, simulation)
        told = json.dumps(found, indent=2) + "\n"
    else:
        style = Style(colour=arguments.output is None and coloured(sys.stdout))
        told = "\n".join(_lines(design, drawn, simulation, style)) + "\n"
    deliver(told, arguments.output)
    return 0


def _outage(text: str) -> "Outage":
    from app.analysis.simulation import Outage

    found = _KILL.fullmatch(text)
    if found is None:
        message = f"--kill {text}: say which server and when, such as web-1@30 or web-1@30-60"
        raise CommandError(message)
    return Outage(found[1], float(found[2]), float(found[3]) if found[3] else None)


def _simulated(drawn: "Drawn", requests: int | None, seconds: float | None) -> "Simulation":
    from app.analysis.simulation import MOST_REQUESTS, Simulation

    if seconds is None:
        made = Simulation(drawn.scenario, REQUESTS if requests is None else requests)
        made.finish()
        return made
    most = MOST_REQUESTS / drawn.scenario.rate / 2  # chance may send more than the mean
    if not 0 < seconds <= most:
        message = f"--seconds {seconds:g}: must be above 0, and at most {most:g} at this rate"
        raise CommandError(message)
    made = Simulation(drawn.scenario)
    made.advance(seconds)
    return made


def _lines(
    design: "Design", drawn: "Drawn", simulation: "Simulation", style: Style
) -> Iterator[str]:
    now, scenario = simulation.now(), drawn.scenario
    subject = design.components[drawn.subject]
    yield style("bold", f"{plain(design.name)}: {plain(subject.name)}")
    how = scenario.mode if scenario.mode != "active-active" else _words(scenario.algorithm)
    yield f"{how}, {scenario.rate:g} requests a second, seed {scenario.seed}"
    for text in drawn.assumed:
        yield style("dim", f"assumed: {plain(text)}")
    yield ""
    lost = f"{now.lost:,} lost"
    yield (
        f"{now.arrived:,} requests in {now.time:,.1f} s: {now.served:,} served, "
        f"{style('bad', lost) if now.lost else lost}, {now.in_flight:,} on the way"
    )
    yield ""
    yield from _table(design, simulation, style)
    yield ""
    yield from _waits(simulation)
    if simulation.log:
        yield ""
    for item in simulation.log:
        yield f"{item.time:9.1f} s  {plain(design.components[item.server].name)}: {item.what}"


def _words(algorithm: str) -> str:
    from app.model.traffic import LoadBalancer

    return LoadBalancer(name="any", algorithm=algorithm).fact  # type: ignore[arg-type]  # checked


def _table(design: "Design", simulation: "Simulation", style: Style) -> Iterator[str]:
    now = simulation.now()
    width = max(6, *(min(NAMED, len(_name(design, server.name))) for server in now.servers))
    yield style("dim", f"{'server':{width}}     sent  share   served     lost  busy"
                       "  mean queue  longest  mean wait")  # fmt: skip
    for server in now.servers:
        tally = server.tally
        share = tally.sent / (now.arrived or 1)
        busy = tally.busy_time / now.time
        queue = tally.queued_time / now.time
        wait = _seconds(tally.waited / tally.served) if tally.served else "-"
        lost = f"{tally.lost:7,}"
        dead = "" if server.works else style("bad", "  dead")
        yield (
            f"{_name(design, server.name)[:NAMED]:{width}}  {tally.sent:7,}  {share:5.0%}"
            f"  {tally.served:7,}  {style('bad', lost) if tally.lost else lost}  {busy:4.0%}"
            f"  {queue:10.2f}  {tally.longest_queue:7,}  {wait:>9}{dead}"
        )


def _name(design: "Design", key: str) -> str:
    return plain(design.components[key].name)


def _waits(simulation: "Simulation") -> Iterator[str]:
    from app.analysis.scenarios import common_queue, mean_interval

    if found := mean_interval(simulation.waits):
        mean, low, high = found
        yield (
            f"wait before service: mean {_seconds(mean)} "
            f"(95% interval {_seconds(max(0.0, low))} to {_seconds(high)}), "
            f"95% within {_seconds(_within(simulation, 0.95))}"
        )
    queue = common_queue(simulation.scenario)
    if queue is None:
        return
    name = f"M/M/{queue.servers}, one queue for all"
    if queue.overloaded:
        yield f"{name}: more arrives than can be served, the wait has no bound"
        return
    yield (
        f"{name}: mean {_seconds(queue.mean_wait)}, 95% within "
        f"{_seconds(queue.wait_within(0.95))}, {queue.utilisation:.0%} busy"
    )
    if queue.servers > 1 and not queue.survives_one_loss:
        yield "all of them are needed: without one the others drown"
    if simulation.scenario.mode == "active-active":
        yield from _known(simulation, queue)


def _known(simulation: "Simulation", queue: "Queue") -> Iterator[str]:
    """Tell what theory says of the algorithm itself."""
    from app.analysis.balancing import mean_time_of_choices, moved_share

    scenario = simulation.scenario
    if scenario.algorithm == "random":
        wait = (mean_time_of_choices(queue.utilisation, 2) - 1) / queue.service_rate
        yield f"two choices among very many servers: mean {_seconds(wait)}"
    if scenario.algorithm in ("source", "uri") and queue.servers > 1:
        moved = moved_share(queue.servers, queue.servers - 1, consistent=scenario.consistent)
        what = "users" if scenario.algorithm == "source" else "pages"
        yield f"when one server goes, {moved:.0%} of the {what} get another"


def _within(simulation: "Simulation", share: float) -> float:
    waits = sorted(simulation.waits)
    return waits[max(0, math.ceil(share * len(waits)) - 1)]


def _seconds(value: float) -> str:
    if value >= 1:
        return f"{value:,.2f} s"
    return f"{value * 1000:.3g} ms"


def _document(
    design: "Design", path: Path, drawn: "Drawn", simulation: "Simulation"
) -> dict[str, Any]:
    from app.analysis.scenarios import common_queue, mean_interval

    now, scenario = simulation.now(), drawn.scenario
    mean = mean_interval(simulation.waits)
    return {
        "version": VERSION,
        "design": {"name": design.name, "file": path.as_posix()},
        "subject": drawn.subject,
        "mode": scenario.mode,
        "algorithm": scenario.algorithm,
        "requests_per_second": scenario.rate,
        "seed": scenario.seed,
        "assumed": list(drawn.assumed),
        "seconds": now.time,
        "arrived": now.arrived,
        "served": now.served,
        "lost": now.lost,
        "in_flight": now.in_flight,
        "wait_seconds": {
            "mean": mean and mean[0],
            "interval": mean and [mean[1], mean[2]],
            "p95": _within(simulation, 0.95) if simulation.waits else None,
        },
        "formula": _formula(common_queue(scenario)),
        "servers": [
            {
                "id": server.name,
                "works": server.works,
                "leads": scenario.mode != "active-active" and server.leads,
                "sent": server.tally.sent,
                "served": server.tally.served,
                "lost": server.tally.lost,
                "waiting": server.waiting,
                "longest_queue": server.tally.longest_queue,
                "mean_queue": server.tally.queued_time / now.time,
                "busy": server.tally.busy_time / now.time,
                "mean_wait_seconds": _mean(server.tally.waited, server.tally.served),
                "mean_response_seconds": _mean(server.tally.answered, server.tally.served),
            }
            for server in now.servers
        ],
        "events": [
            {"second": item.time, "server": item.server, "what": item.what}
            for item in simulation.log
        ],
    }


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None


def _formula(queue: "Queue | None") -> dict[str, Any] | None:
    """Return the figures of the common queue; JSON has no infinity, so overload has no waits."""
    if queue is None:
        return None
    bounded = not queue.overloaded
    return {
        "servers": queue.servers,
        "utilisation": queue.utilisation,
        "waiting_probability": queue.waiting,
        "survives_one_loss": queue.survives_one_loss,
        "mean_wait_seconds": queue.mean_wait if bounded else None,
        "p95_wait_seconds": queue.wait_within(0.95) if bounded else None,
    }
