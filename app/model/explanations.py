"""What a choice means, in two sentences and a small picture: algorithms, modes, roles, failover."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.model.protocols import PROTOCOLS


@dataclass(frozen=True, slots=True)
class Explanation:
    """Two sentences; `picture` names an icon of `assets/icons`, or is empty."""

    text: str
    picture: str = ""


_TABLE: Mapping[tuple[str, str, str], Explanation] = MappingProxyType(
    {
        ("load_balancer", "algorithm", "roundrobin"): Explanation(
            "Each server gets the next request in turn, so equal servers get equal shares. "
            "A slow server gets as many as a fast one unless weights say otherwise.",
            "explain_roundrobin",
        ),
        ("load_balancer", "algorithm", "static-rr"): Explanation(
            "Servers take turns as in round robin, but their weights are fixed while it runs. "
            "It costs a little less work and cannot slow a server down gently.",
            "explain_static_rr",
        ),
        ("load_balancer", "algorithm", "leastconn"): Explanation(
            "The server with the fewest open connections gets the next request. "
            "It suits requests of very different length, such as downloads beside clicks.",
            "explain_leastconn",
        ),
        ("load_balancer", "algorithm", "source"): Explanation(
            "The address of the user decides the server, so one user always meets the same one. "
            "Many users behind one address all land on one server.",
            "explain_source",
        ),
        ("load_balancer", "algorithm", "uri"): Explanation(
            "The address of the page decides the server, so each page is cached on one server. "
            "One very popular page loads one server alone.",
            "explain_uri",
        ),
        ("load_balancer", "algorithm", "random"): Explanation(
            "Two servers are drawn by lot and the less busy of them gets the request. "
            "That is almost as even as asking all of them, and several balancers need not talk.",
            "explain_random",
        ),
        ("load_balancer", "algorithm", "first"): Explanation(
            "The first server that has a free slot gets the request, the next only when it is full."
            " The others may sleep while there is little to do.",
            "explain_first",
        ),
        ("load_balancer", "algorithm", "unset"): Explanation(
            "Nobody has decided yet how requests are spread. "
            "Choose on purpose: round robin is the usual beginning.",
        ),
        ("cluster", "mode", "active-active"): Explanation(
            "All members work at the same time, and the others take over the share of a dead one. "
            "Something in front of them has to know which members live.",
            "explain_active_active",
        ),
        ("cluster", "mode", "active-passive"): Explanation(
            "One member works while the others wait and take over when it dies. "
            "The switch takes some seconds, and the spare earns nothing until then.",
            "explain_active_passive",
        ),
        ("cluster", "mode", "primary-replica"): Explanation(
            "The primary takes all writes and sends them on; replicas repeat them and answer reads."
            " Without a failover nobody can write while the primary is down.",
            "explain_primary_replica",
        ),
        ("cluster", "mode", "multi-primary"): Explanation(
            "Every member takes writes and tells the others. "
            "Two people may change the same thing at once, so a rule for conflicts is needed.",
            "explain_multi_primary",
        ),
        ("cluster", "mode", "quorum"): Explanation(
            "A majority of the members has to agree on every change. "
            "Five members survive the loss of two, and an even number gains nothing.",
            "explain_quorum",
        ),
        ("cluster", "mode", "sharded"): Explanation(
            "Each member holds another part of the data. "
            "It scales, but every member that dies takes its part away for some users.",
            "explain_sharded",
        ),
        ("cluster", "failover", "automatic"): Explanation(
            "The cluster notices the loss and switches by itself within seconds. "
            "It needs something that decides who is alive, so that two never lead at once.",
        ),
        ("cluster", "failover", "manual"): Explanation(
            "Somebody has to wake up and switch; until then what the first member did fails. "
            "It is simple and never switches by mistake.",
        ),
        ("cluster", "failover", "none"): Explanation(
            "Nothing takes over: what the first member did stops with it. "
            "Replicas, where there are any, still answer reads.",
        ),
        ("database", "role", "primary"): Explanation(
            "The application sends all its writes here, and may read here too. "
            "What it changes is sent on to the replicas.",
            "explain_role_primary",
        ),
        ("database", "role", "replica"): Explanation(
            "A copy that follows the primary: the application may read here but not write. "
            "It can lag a moment behind, and it may be promoted when the primary dies.",
            "explain_role_replica",
        ),
        ("load_balancer", "layer", "http"): Explanation(
            "It reads each request and can choose by path or header, and end TLS (layer 7). "
        ),
        ("load_balancer", "layer", "tcp"): Explanation(
            "It passes connections on unread (layer 4): faster, but it sees no pages. "
        ),
    }
)


_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "roundrobin": "Round robin",
        "static-rr": "Static round robin",
        "leastconn": "Least connections",
        "source": "Source hash",
        "uri": "URI hash",
        "random": "Random, two choices",
        "first": "First available",
        "unset": "Not chosen yet",
        "datacenter": "Data centre",
        "power": "Power feed",
        "dmz": "DMZ",
        "app": "Application",
        "postgres": "PostgreSQL",
        "mysql": "MySQL",
        "mariadb": "MariaDB",
        "rabbitmq": "RabbitMQ",
        "ssl3": "SSL 3",
        "1.0": "TLS 1.0",
        "1.1": "TLS 1.1",
        "1.2": "TLS 1.2",
        "1.3": "TLS 1.3",
        "default": "As usual for its kind",
        "A": "A (an IPv4 address)",
        "AAAA": "AAAA (an IPv6 address)",
        "CNAME": "CNAME (another name)",
    }
)


def choice_words(choice: str) -> str:
    """Return a choice as a person would call it."""
    if choice in _WORDS:
        return _WORDS[choice]
    if choice in PROTOCOLS:
        return PROTOCOLS[choice].title
    return choice[:1].upper() + choice[1:]


def explanation(kind: str, field: str, choice: str) -> Explanation | None:
    """Return what a choice of a field means, or None where the field's help says it all."""
    return _TABLE.get((kind, field, choice))


def explained() -> Mapping[tuple[str, str, str], Explanation]:
    """Return the whole table: kind, field and choice."""
    return _TABLE
