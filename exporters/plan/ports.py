"""Numbers of published ports: all at least 8000, no number and no variable given twice."""

from typing import Literal

from exporters.deployment import Port
from exporters.plan.names import variable

Scheme = Literal["http", "https", "tcp", "udp"]
_FIRST: dict[Scheme, int] = {"http": 8080, "https": 8443, "tcp": 8600, "udp": 8514}
_UNNAMED = frozenset(("tcp", "udp"))  # in a variable


class Ports:
    """Gives out published ports; the same service and scheme get the same one again."""

    def __init__(self) -> None:
        """Begin with none."""
        self._given: dict[tuple[str, Scheme], Port] = {}

    def of(self, service: str, scheme: Scheme, target: int, first: int = 0) -> Port:
        """Return the port at which people reach a port of a service, from `first` upwards."""
        if (service, scheme) not in self._given:
            taken = {port.default for port in self._given.values()}
            number = first or _FIRST[scheme]
            while number in taken:
                number += 1
            word = "" if scheme in _UNNAMED else f"{scheme.upper()}_"
            name = f"{variable(service)}_{word}PORT"
            port = Port(variable=name, default=number, target=target, scheme=scheme)
            self._given[service, scheme] = port
        return self._given[service, scheme]
