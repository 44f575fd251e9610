"""Links between parts, the flows that users take along them, waivers and places."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from app.model.component import BetweenFailures, Name, Port, Probability, ToRepair
from app.model.errors import DesignError
from app.model.fields import Help, Length, Range, check_values
from app.model.protocols import PROTOCOLS

if TYPE_CHECKING:
    from datetime import date

Role = Literal[
    "request",
    "read",
    "write",
    "cache",
    "publish",
    "consume",
    "resolve",
    "replicate",
    "monitor",
    "log",
    "alert",
    "backup",
    "deploy",
    "admin",
]
TRAFFIC_ROLES: frozenset[Role] = frozenset(
    ("request", "read", "write", "cache", "publish", "consume", "resolve")
)
ADMIN_ROLES: frozenset[Role] = frozenset(("admin", "deploy"))
ProtocolName = Literal[
    "http", "https", "ws", "wss", "fastcgi", "file", "nfs", "dns", "tcp", "udp", "mysql",
    "postgres", "redis", "memcached", "amqp", "s3", "ssh", "telnet", "ftp", "sftp", "snmp",
    "snmpv3", "syslog", "syslog-tls", "smtp", "smtps", "vrrp",
]  # fmt: skip
Tls = Literal["none", "ssl3", "1.0", "1.1", "1.2", "1.3"]
Operation = Literal["read", "write"]
FARTHEST = 1e6  # pixels from the origin at which a part may be placed


@dataclass(frozen=True, kw_only=True)
class Link:
    """A directed connection: `source` opens it, `target` answers."""

    default_availability: ClassVar[float] = 1.0

    source: Annotated[str, Help("The part that opens the connection", "id", "From")]
    target: Annotated[str, Help("The part that answers", "id", "To")]
    role: Annotated[Role, Help("What the connection is for")] = "request"
    protocol: Annotated[ProtocolName, Help("What is spoken on it")] = "tcp"
    port: Annotated[Port | None, Help("Port at the target; empty: the protocol's own")] = None
    tls: Annotated[Tls, Help("Version of TLS around it", label="TLS")] = "none"
    dependency: Annotated[
        Literal["default", "hard", "soft"],
        Help("Hard: the source cannot serve without it. Soft: it can, only worse"),
    ] = "default"
    gives_up: Annotated[
        Literal["unknown", "yes", "no"],
        Help(
            "Whether the source stops waiting for an answer that does not come: a time limit or a "
            "circuit breaker"
        ),
    ] = "unknown"
    data: Annotated[
        Literal["public", "internal", "confidential", "credentials"],
        Help("The most sensitive thing that travels on it", label="Carries"),
    ] = "internal"
    auth: Annotated[
        Literal["unknown", "none", "password", "token", "certificate"],
        Help("How the source proves who it is", label="Authentication"),
    ] = "unknown"
    verify: Annotated[
        Literal["unknown", "yes", "no"],
        Help("Whether the source checks the certificate of the target", label="Checks the peer"),
    ] = "unknown"
    availability: Annotated[
        Probability | None,
        Help("Share of the time that it carries; empty: it is taken to never fail", "probability"),
    ] = None
    mtbf_hours: BetweenFailures = None
    mttr_hours: ToRepair = None
    choice: Annotated[
        str,
        Length(60),
        Help("Links of one source with the same name here are alternatives", label="Group"),
    ] = ""
    weight: Annotated[
        int,
        Range(1, 256),
        Help("Share that a load balancer gives the target beside its other links' weights"),
    ] = 1
    via: Annotated[
        tuple[str, ...],
        Help("Firewalls that it passes; `a|b` means that either of two will do", label="Passes"),
    ] = ()

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)

    @property
    def is_traffic(self) -> bool:
        """Whether users' requests travel on it."""
        return self.role in TRAFFIC_ROLES

    @property
    def encrypted(self) -> bool:
        """Whether somebody on the way cannot read it."""
        return self.tls != "none" or not PROTOCOLS[self.protocol].clear

    @property
    def number(self) -> int | None:
        """The port at the target, or None where the protocol has none."""
        if self.port is not None:
            return self.port
        ports = PROTOCOLS[self.protocol].ports
        return ports[0] if ports else None

    @property
    def guards(self) -> tuple[tuple[str, ...], ...]:
        """The firewalls it passes one after the other; each entry lists alternatives."""
        return tuple(tuple(entry.split("|")) for entry in self.via) if self.via else ()


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What a user does: from a client, reading or writing, with the promises made for it."""

    name: Name
    client: Annotated[str, Help("Where the users are", "id", "Starts at")]
    operation: Annotated[
        Operation, Help("Whether it only reads or also writes", "", "What it does")
    ] = "read"
    requires: Annotated[
        str, Length(20_000), Help("Expression that replaces what the client's links say")
    ] = ""
    target_availability: Annotated[
        Probability | None,
        Help("Promised share of the time that it works", "probability", "Promised availability"),
    ] = None
    recovery_time_seconds: Annotated[
        float | None,
        Range(0, 31_536_000),
        Help("Longest outage that is acceptable (RTO)", "s", "Recovery time"),
    ] = None
    recovery_point_seconds: Annotated[
        float | None,
        Range(0, 31_536_000),
        Help("Most recent work that may be lost (RPO)", "s", "Recovery point"),
    ] = None
    target_response_seconds: Annotated[
        float | None,
        Range(above=0, maximum=31_536_000),
        Help("Promised time until the answer, for 95 of 100 requests", "s", "Answers within"),
    ] = None
    requests_per_second: Annotated[
        float | None,
        Range(above=0, maximum=1e9),
        Help("Load at the busiest time", "requests/s", "Busiest load"),
    ] = None

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)
        if self.requires:
            from app.model.expressions import check_expression

            check_expression("requires", self.requires)


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A finding that was accepted, with the reason."""

    reason: Annotated[str, Length(2000, minimum=1), Help("Why the risk is accepted")]
    by: Annotated[str, Length(120), Help("Who accepted it")] = ""
    until: Annotated[str, Length(10), Help("Last day of the waiver, as year-month-day")] = ""

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)
        if self.until and not _is_day(self.until):
            message = f"until: {self.until!r} is no day, such as 2027-01-31"
            raise DesignError(message)

    def expired(self, today: "date") -> bool:
        """Whether its last day is past, so that the finding counts again."""
        return self.until != "" and self.until < today.isoformat()


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a part is drawn: top left corner and, for containers and notes, the size; pixels."""

    x: Annotated[float, Range(-FARTHEST, FARTHEST)] = 0.0
    y: Annotated[float, Range(-FARTHEST, FARTHEST)] = 0.0
    width: Annotated[float | None, Range(above=0, maximum=1e6)] = None
    height: Annotated[float | None, Range(above=0, maximum=1e6)] = None

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)
