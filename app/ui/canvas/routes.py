"""The routes of all links of a design: found when they are asked for, again when parts move."""

import math
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from app.model.design import Design
from app.model.geometry import Rect
from app.model.traits import Trait
from app.ui.canvas.routing import (
    LANES,
    Box,
    Choice,
    Ends,
    Ground,
    Obstacles,
    Port,
    Route,
    Side,
    Tracks,
    again,
    find,
    sides,
)

SPREAD = 16.0  # between two links on one side of a card
INSET = 11.0  # from the corner of a card to its first link
JOG = 9.0  # a smaller step in a link than this looks like a mistake
LEAST_ROOM = 6.0  # between two links on one side, at least
SLIDE = 30.0  # how far ports move to make a link straight
AROUND = 12.0  # between the members of a cluster and their outline
ASIDE = max(LANES) + 1.0  # how far links go out of each other's way
BAND = 10.0  # over them, for the title
_AROUND: tuple[Side, ...] = ("right", "bottom", "left", "top")
_End = tuple[str, bool]  # a link, and whether it is its source


class Routes:
    """Knows where each link leaves, runs and arrives."""

    def __init__(self, design: Design, rects: dict[str, Rect]) -> None:
        """Take the design and the rectangles of its parts, which the caller keeps current."""
        self.design = design
        self._rects = rects
        self.ground = Ground(Obstacles(), Tracks())
        self.fields = Obstacles()  # the containers, to find the one at a point
        self.live = False  # while a gesture goes on links keep their shape if they can
        self._found: dict[str, Route] = {}
        self._shapes: dict[str, Choice] = {}
        self._ports: dict[str, dict[_End, Port]] = {}
        self._peers: dict[tuple[str, Side], set[str]] = {}
        self._barred_by: dict[str, frozenset[str]] = {}  # the cards that a link goes round
        self._round: dict[str, set[str]] = {}  # the links that go round a card
        self._freed: set[str] = set()  # links that may find a simpler way now
        for key in design.components:
            self._place(key)
        self._tie()

    def _tie(self) -> None:
        """Find the clusters whose members lie apart: ties lead to them, routed like links."""
        self.ties: dict[str, tuple[str, str]] = {}
        self._ties_at: dict[str, list[str]] = {}
        for key in dict.fromkeys(self.design.cluster_of.values()):
            cluster = self.design.components[key]
            members = getattr(cluster, "members", ())
            if self.ground.obstacles.meeting(self.around((key, *members))) <= {key, *members}:
                continue
            for member in members:
                tie = f"{key}~{member}"
                self.ties[tie] = key, member
                for end in (key, member):
                    self._ties_at.setdefault(end, []).append(tie)

    def around(self, keys: Iterable[str]) -> Box:
        """Return the area of the outline round parts, with a band for a title."""
        boxes = [_box(self._rects[key]) for key in keys]
        return Box(
            min(box.left for box in boxes) - AROUND,
            min(box.top for box in boxes) - AROUND - BAND,
            max(box.right for box in boxes) + AROUND,
            max(box.bottom for box in boxes) + AROUND,
        )

    def ends(self, link_id: str) -> tuple[str, str]:
        """Return the source and the target of a link, or of a tie."""
        link = self.design.links.get(link_id)
        return (link.source, link.target) if link is not None else self.ties[link_id]

    def _place(self, key: str) -> None:
        """Cards bar the way; containers do not."""
        item = self.design.components[key]
        index = self.fields if Trait.CONTAINER in item.traits else self.ground.obstacles
        index.put(key, _box(self._rects[key]))

    def follow(
        self,
        design: Design,
        rects: dict[str, Rect],
        gone: Iterable[str],
        lost: Iterable[str],
        moved: Collection[str],
    ) -> None:
        """Turn to the next design, in which components and links are gone or elsewhere."""
        same_parts = design.components is self.design.components
        self.design = design
        self._rects = rects
        for key in gone:
            self.ground.obstacles.discard(key)
            self.fields.discard(key)
            self._ports.pop(key, None)
            self._freed |= self._round.pop(key, set())
        for link in lost:
            self._freed |= self._beside(self._found.pop(link, []))
            self._shapes.pop(link, None)
            self._bar(link, frozenset())
            self.ground.tracks.discard(link)
        for key in moved:
            self._place(key)
        before = self.ties
        if moved or not same_parts:
            self._tie()
        for tie in before:
            self._found.pop(tie, None)
            self._bar(tie, frozenset())
            self.ground.tracks.discard(tie)
        if before != self.ties:
            self._ports.clear()

    def route(self, link_id: str) -> Route:
        """Return the way of a link as points, from its source to its target."""
        found = self._found.get(link_id)
        if found is None:
            found = self._found[link_id] = self._find(link_id)
            self.ground.tracks.put(link_id, found)
        return found

    def _find(self, link_id: str) -> Route:
        keys = self.ends(link_id)
        ends = Ends(keys, (_box(self._rects[keys[0]]), _box(self._rects[keys[1]])))
        before = self._shapes.get(link_id) if self.live else None
        if before is not None:
            same = again(link_id, ends, self._choices(link_id, ends.boxes), self.ground, before)
            if same is not None:
                return same
        choices = self._choices(link_id, ends.boxes)
        found = find(link_id, ends, choices, self.ground, quick=self.live)
        if found.choice is not None:
            self._shapes[link_id] = found.choice
        if not self.live:
            self._bar(link_id, found.barred_by)
        return found.route

    def _bar(self, link_id: str, cards: frozenset[str]) -> None:
        for card in self._barred_by.pop(link_id, ()):
            self._round.get(card, set()).discard(link_id)
        if cards:
            self._barred_by[link_id] = cards
            for card in cards:
                self._round.setdefault(card, set()).add(link_id)

    def _beside(self, route: Route) -> set[str]:
        """The links that a route may have pushed aside."""
        found: set[str] = set()
        for (x1, y1), (x2, y2) in pairwise(route):
            near = Box(min(x1, x2) - ASIDE, min(y1, y2) - ASIDE,
                       max(x1, x2) + ASIDE, max(y1, y2) + ASIDE)  # fmt: skip
            found |= self.ground.tracks.through(near)
        return found

    def touched(self, keys: Collection[str], rewired: Collection[str] = ()) -> set[str]:
        """Forget the routes that parts carry, bar or barred; return the links to draw again.

        Parts that are only `rewired` have gained or lost links: their others stay as they are,
        unless these meet the part somewhere else now.
        """
        stale: set[str] = set()
        near = set(rewired)
        for key in keys:
            self._place(key)
            for link_id in self.links_at(key):
                stale.add(link_id)
                near.update(self.ends(link_id))
        for key in near:
            before = self._ports.pop(key, {} if key in rewired else None)
            if before is None:
                continue
            stale.update(link for (link, out), port in self.ports(key).items()
                         if before.get((link, out)) != port)  # fmt: skip
        if not self.live:  # a card that is dragged slides over the links of others
            stale |= self._barred(keys)
            stale |= self._freed.union(*(self._round.get(key, ()) for key in keys))
            stale &= self.design.links.keys() | self.ties.keys()
            self._freed = set()
        for link_id in stale:
            self._found.pop(link_id, None)
            self.ground.tracks.discard(link_id)
        return stale

    def _barred(self, keys: Iterable[str]) -> set[str]:
        """The links that run through a part which they do not join."""
        found: set[str] = set()
        boxes = self.ground.obstacles.boxes
        for key in keys:
            box = boxes.get(key)
            if box is not None:
                found |= self.ground.tracks.through(box)
        return found

    def links_at(self, key: str) -> Iterator[str]:
        """Yield the ids of the links that begin or end at a component."""
        yield from self.design.outgoing[key]
        yield from self.design.incoming[key]
        yield from self._ties_at.get(key, ())

    def ports(self, key: str) -> dict[_End, Port]:
        """Return where each link meets a component: spread over a side, in the order of the others.

        Two links between the same parts lie beside each other, in the same order at both ends.
        """
        found = self._ports.get(key)
        if found is None:
            found = self._ports[key] = self._spread(key)
        return found

    def _spread(self, key: str) -> dict[_End, Port]:
        box = _box(self._rects[key])
        by_side: dict[Side, list[tuple[float, str, bool]]] = {side: [] for side in _AROUND}
        for side in _AROUND:
            self._peers[key, side] = set()
        for link_id in self.links_at(key):
            source, target = self.ends(link_id)
            out = source == key
            other = target if out else source
            other_box = _box(self._rects[other])
            side = sides(box, other_box)[0] if out else sides(other_box, box)[1]
            middle = (
                other_box.top + other_box.bottom
                if side in ("left", "right")
                else other_box.left + other_box.right
            )
            by_side[side].append((middle, link_id, out))
            self._peers[key, side].add(other)
        return {
            (link_id, out): port_on(box, side, index, len(entries))
            for side, entries in by_side.items()
            for index, (_, link_id, out) in enumerate(sorted(entries))
        }

    def _choices(self, link_id: str, boxes: tuple[Box, Box]) -> Iterator[tuple[Port, Port]]:
        """Yield pairs of ports: those on the sides that face each other, then any others."""
        start, end = self.ends(link_id)
        source = self.ports(start)[link_id, True]
        target = self.ports(end)[link_id, False]
        if {source.side, target.side} in ({"left", "right"}, {"top", "bottom"}):
            yield self._aligned((start, source, boxes[0]), (end, target, boxes[1]))
        yield source, target
        for side in _AROUND:
            if side != target.side:
                yield source, port_on(boxes[1], side, 0, 1)
        for side in _AROUND:
            if side != source.side:
                yield port_on(boxes[0], side, 0, 1), target
        for side in _AROUND:
            yield port_on(boxes[0], side, 0, 1), port_on(boxes[1], side, 0, 1)

    def _aligned(
        self, start: tuple[str, Port, Box], end: tuple[str, Port, Box]
    ) -> tuple[Port, Port]:
        """Slide the ports of two facing sides so that the link is straight, where there is room."""
        (source, leave, source_box), (target, enter, target_box) = start, end
        level = leave.side in ("left", "right")
        a, b = (leave.y, enter.y) if level else (leave.x, enter.x)
        if a == b or abs(a - b) > SLIDE:
            return leave, enter
        free_source = self._peers[source, leave.side] == {target}
        free_target = self._peers[target, enter.side] == {source}
        if free_source or free_target:
            at = (a + b) / 2 if free_source and free_target else b if free_source else a
        else:
            at = self._squeezed((source, leave, a), (target, enter, b))
        for box in (source_box, target_box):
            low, high = (box.top, box.bottom) if level else (box.left, box.right)
            if not low + INSET / 2 <= at <= high - INSET / 2:
                return leave, enter
        if level:
            return leave._replace(y=at), enter._replace(y=at)
        return leave._replace(x=at), enter._replace(x=at)

    def _squeezed(self, start: tuple[str, Port, float], end: tuple[str, Port, float]) -> float:
        """Where a link among others would be straight: at one of its ends, if there is room."""
        (source, leave, a), (target, enter, b) = start, end
        if abs(a - b) > JOG:
            return -math.inf
        room_at_target = self._room(target, enter, a)
        room_at_source = self._room(source, leave, b)
        if max(room_at_source, room_at_target) < LEAST_ROOM:
            return -math.inf
        return a if room_at_target > room_at_source else b

    def _room(self, key: str, moved: Port, at: float) -> float:
        """The distance from a position on the side of a port to the next other port there."""
        level = moved.side in ("left", "right")
        others = (
            port.y if level else port.x
            for port in self.ports(key).values()
            if port.side == moved.side and port != moved
        )
        return min((abs(other - at) for other in others), default=math.inf)


def _box(rect: Rect) -> Box:
    x, y, width, height = rect
    return Box(x, y, x + width, y + height)


def port_on(box: Box, side: Side, index: int, count: int) -> Port:
    """Return the port of one of several links on a side of a box."""
    upright = side in ("left", "right")
    length = box.bottom - box.top if upright else box.right - box.left
    step = min(SPREAD, (length - 2 * INSET) / (count - 1)) if count > 1 else 0.0
    lane = (count - 1) / 2 - index
    along = length / 2 - lane * step
    if upright:
        return Port(box.left if side == "left" else box.right, box.top + along, side, lane)
    return Port(box.left + along, box.top if side == "top" else box.bottom, side, lane)
