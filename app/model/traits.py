"""What rules and exporters ask for instead of kinds, so that a new kind gets the right ones."""

from enum import Enum, auto


class Trait(Enum):
    """A property that a kind of component has by nature."""

    CONTAINER = auto()  # holds other components
    OUTSIDE = auto()  # on the internet's side unless it is placed in a zone
    FAILS = auto()  # carries a failure event of its own
    FILTERS_TRAFFIC = auto()  # a firewall
    HOLDS_DATA = auto()  # a data store: database, cache, queue, object store, search
    NEEDS_HOST = auto()  # a program that runs on a machine
    SERVES = auto()  # answers user traffic
    CHOOSES = auto()  # distributes requests over several targets
    SOFT = auto()  # links to it are soft unless marked hard
    WATCHES = auto()  # takes part in monitoring and is on no user's path
    LISTENS = auto()  # may be the target of traffic

    __hash__ = object.__hash__  # the one of Enum is Python, and rules ask for traits all the time


# What a program on a machine is, and one that serves requests.
PROGRAM = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.LISTENS})
SERVER_PROGRAM = PROGRAM | {Trait.SERVES}
