"""How the flows of a design are seen from outside: where its users come in, and what they ask."""

import json
from collections.abc import Iterable, Iterator, Mapping

from app.model.links import Flow
from exporters.deployment import Entrance, FlowProbe, Service
from exporters.plan.draft import Context
from exporters.plan.entrances import behind_edge

_NO_ENTRANCE = "its users reach no part that runs and answers HTTP"
_NO_WRITER = "nothing behind the entrance of its users takes writes"


def probes(context: Context, services: Iterable[Service]) -> Iterator[FlowProbe]:
    """Yield how each flow is probed, in the order of the flows."""
    running = {service.component: service for service in services if service.component}
    for key, flow in context.design.flows.items():
        yield _probe(context, key, flow, running)


def _probe(context: Context, key: str, flow: Flow, running: Mapping[str, Service]) -> FlowProbe:
    behind, entrances = _walk(context, flow.client, running)
    if not entrances:
        return FlowProbe(flow=key, why=_NO_ENTRANCE)
    apps = [running[part] for part in behind if part in running and running[part].role == "app"]
    if flow.operation == "write":
        kept = any(writes(app, "STORES") for app in apps)
        if not kept and not any(writes(app, "OBJECTS") for app in apps):
            return FlowProbe(flow=key, why=_NO_WRITER)
        back = "/written" if kept else ""  # of objects the latest alone is kept
        return FlowProbe(
            flow=key, entrances=entrances, method="POST", path="/write", read_back=back
        )
    return FlowProbe(flow=key, entrances=entrances, path="/read" if apps else "/")


def _walk(
    context: Context, client: str, running: Mapping[str, Service]
) -> tuple[tuple[str, ...], tuple[Entrance, ...]]:
    """Return the parts that requests of a client reach, and the ports at which they come in.

    They come in at the first part on each way that publishes one; what does not run is passed.
    """
    entrances: dict[str, Entrance] = {}
    seen = {client: False}  # whether the way there has led through an entrance
    todo = [client]
    for part in todo:
        for reach in context.out(part):
            inside = seen[part]
            if reach.role != "request" or reach.target in seen:
                continue
            if not inside and (entrance := _entrance(context, reach.target, running)):
                entrances[entrance.service] = entrance
                inside = True
            seen[reach.target] = inside
            todo.append(reach.target)
    return tuple(part for part in todo if seen[part]), tuple(entrances.values())


def _entrance(context: Context, part: str, running: Mapping[str, Service]) -> Entrance | None:
    """Return the port of a part, or of what stands before it; over TLS where there is a choice."""
    service = running.get(behind_edge(context, part) or part)
    ports = {port.scheme: port for port in service.ports} if service else {}
    port = ports.get("https") or ports.get("http")
    return Entrance(service=service.name, port=port) if service and port else None


def writes(app: Service, what: str) -> bool:
    """Whether an application writes into some of its databases (`STORES`) or its `OBJECTS`."""
    settings = app.environment[what]
    return isinstance(settings, str) and any(item["write"] for item in json.loads(settings))
