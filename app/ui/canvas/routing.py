"""Routes of links: orthogonal, round the cards, beside each other and never on top of another.

Straight, Z, L and U shapes are tried first, cheapest first; a search (A*, Hart, Nilsson and
Raphael 1968) over the lines along the cards is the way out. Pure geometry, no Qt.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import islice, pairwise
from typing import Literal, NamedTuple

Side = Literal["left", "right", "top", "bottom"]
Point = tuple[float, float]
Route = list[Point]
STUB = 14.0  # straight run before the first bend; the arrow head needs it
CLEAR = 7.0  # distance kept from cards that a link passes
APART = 7.0  # distance between links that run in parallel
LANES = (0.0, 10.0, -10.0, 20.0, -20.0, 30.0, -30.0)
BEND = 40.0  # what a bend costs, in pixels of way
OVERLAP = 400.0  # what running on top of another link costs
MOST_STEPS = 3_000  # of the search
_CELL = 128.0
_TRACK = 16.0
_OUT: dict[Side, Point] = {
    "left": (-1.0, 0.0), "right": (1.0, 0.0), "top": (0.0, -1.0), "bottom": (0.0, 1.0),
}  # fmt: skip


class Box(NamedTuple):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float


class Port(NamedTuple):
    """Where a link leaves or enters a card.

    `lane` numbers the links of that side from its middle, so that those that turn together turn
    beside each other and do not cross.
    """

    x: float
    y: float
    side: Side
    lane: float = 0.0


class Ends(NamedTuple):
    """The two parts that a link joins."""

    keys: tuple[str, str]
    boxes: tuple[Box, Box]


class Obstacles:
    """Boxes by id in a grid of cells, to ask which of them a segment or a rectangle meets."""

    def __init__(self) -> None:
        """Begin empty."""
        self.boxes: dict[str, Box] = {}
        self._cells: dict[tuple[int, int], dict[str, Box]] = {}

    def put(self, key: str, box: Box) -> None:
        """Add a box, or move the one with this id."""
        self.discard(key)
        self.boxes[key] = box
        for cell in _cells(box):
            self._cells.setdefault(cell, {})[key] = box

    def discard(self, key: str) -> None:
        """Remove a box if it is there."""
        box = self.boxes.pop(key, None)
        if box is not None:
            for cell in _cells(box):
                self._cells[cell].pop(key, None)

    def meeting(self, area: Box) -> set[str]:
        """Return the ids of the boxes that overlap an area."""
        found: set[str] = set()
        for cell in _cells(area):
            for key, box in self._cells.get(cell, {}).items():
                if (
                    box.left < area.right
                    and area.left < box.right
                    and box.top < area.bottom
                    and area.top < box.bottom
                ):
                    found.add(key)
        return found

    def meets(self, area: Box) -> bool:
        """Whether a box overlaps an area; asked for each spot that a label may take."""
        left, top, right, bottom = area
        rows = range(int(top // _CELL), int(bottom // _CELL) + 1)
        for column in range(int(left // _CELL), int(right // _CELL) + 1):
            for row in rows:
                for box in self._cells.get((column, row), _NOTHING).values():
                    if box[0] < right and left < box[2] and box[1] < bottom and top < box[3]:
                        return True
        return False

    def barring(self, route: Route, own: tuple[str, str]) -> str:
        """Return a box that a route comes too near, or one that it joins and runs through."""
        for start, end in pairwise(route):
            found = self._hit(*start, *end, own)
            if found:
                return found
        return ""

    def _hit(self, x1: float, y1: float, x2: float, y2: float, own: tuple[str, str]) -> str:
        """Asked several times for each link in each frame of a gesture: no calls in here."""
        left, right = (x1, x2) if x1 < x2 else (x2, x1)
        top, bottom = (y1, y2) if y1 < y2 else (y2, y1)
        rows = range(int((top - CLEAR) // _CELL), int((bottom + CLEAR) // _CELL) + 1)
        for column in range(int((left - CLEAR) // _CELL), int((right + CLEAR) // _CELL) + 1):
            for row in rows:
                for key, box in self._cells.get((column, row), _NOTHING).items():
                    margin = -0.5 if key in own else CLEAR
                    if (
                        box[0] - margin < right
                        and left < box[2] + margin
                        and box[1] - margin < bottom
                        and top < box[3] + margin
                    ):
                        return key
        return ""


_NOTHING: dict[str, Box] = {}


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    columns = range(int(box.left // _CELL), int(box.right // _CELL) + 1)
    rows = range(int(box.top // _CELL), int(box.bottom // _CELL) + 1)
    return ((column, row) for column in columns for row in rows)


class Tracks:
    """The segments of the links that are routed, to keep the next ones off them."""

    def __init__(self) -> None:
        """Begin empty."""
        self._cells: dict[tuple[bool, int, int], list[tuple[float, float, float, str]]] = {}
        self._keys: dict[str, list[tuple[bool, int, int]]] = {}

    def put(self, key: str, route: Route) -> None:
        """Add the segments of a link, in place of those it had."""
        self.discard(key)
        keys = self._keys[key] = []
        for upright, at, low, high in _runs(route):
            for cell in _stretch(at, low, high):
                name = (upright, *cell)
                keys.append(name)
                self._cells.setdefault(name, []).append((at, low, high, key))

    def discard(self, key: str) -> None:
        """Forget the segments of a link."""
        for name in self._keys.pop(key, ()):
            kept = [entry for entry in self._cells[name] if entry[3] != key]
            self._cells[name] = kept

    def overlap(self, key: str, route: Route) -> float:
        """Return for how many pixels a route would lie on other links."""
        return sum(
            self._along(key, upright, at, low, high) for upright, at, low, high in _runs(route)
        )

    def _along(self, key: str, upright: bool, at: float, low: float, high: float) -> float:
        worst = 0.0
        columns = range(int((at - APART) // _TRACK), int((at + APART) // _TRACK) + 1)
        for stretch in range(int(low // _CELL), int(high // _CELL) + 1):
            for near in columns:
                for there, start, end, other in self._cells.get((upright, near, stretch), ()):
                    if other != key and abs(there - at) < APART:
                        worst = max(worst, min(high, end) - max(low, start) - 2)
        return worst

    def through(self, area: Box) -> set[str]:
        """Return the links that run through an area."""
        found = set()
        for upright in (True, False):
            low, high = (area.top, area.bottom) if upright else (area.left, area.right)
            near, far = (area.left, area.right) if upright else (area.top, area.bottom)
            for track in range(int(near // _TRACK), int(far // _TRACK) + 1):
                for _, cell in _stretch(track * _TRACK, low, high):
                    for at, start, end, key in self._cells.get((upright, track, cell), ()):
                        if near < at < far and start < high and low < end:
                            found.add(key)
        return found


class Ground(NamedTuple):
    """What a route has to keep clear of."""

    obstacles: Obstacles
    tracks: Tracks


def _runs(route: Route) -> Iterator[tuple[bool, float, float, float]]:
    """Yield each segment as upright, position, low end, high end."""
    for (x1, y1), (x2, y2) in pairwise(route):
        if x1 == x2:
            yield (True, x1, min(y1, y2), max(y1, y2))
        else:
            yield (False, y1, min(x1, x2), max(x1, x2))


def _stretch(at: float, low: float, high: float) -> Iterator[tuple[int, int]]:
    track = int(at // _TRACK)
    return ((track, cell) for cell in range(int(low // _CELL), int(high // _CELL) + 1))


def sides(source: Box, target: Box) -> tuple[Side, Side]:
    """Return the sides that a link between two boxes leaves and enters, by their places alone."""
    right, left = target.left - source.right, source.left - target.right
    down, up = target.top - source.bottom, source.top - target.bottom
    across, along = max(right, left), max(down, up)
    if across >= 2 * STUB and (across >= along or across >= 48 or along < 2 * STUB):
        return ("right", "left") if right >= left else ("left", "right")
    if along > 0:
        return ("bottom", "top") if down >= up else ("top", "bottom")
    if across > 0:
        return ("right", "left") if right >= left else ("left", "right")
    return "right", "right"


class Found(NamedTuple):
    """The route of a link, how it was chosen, and the cards that barred a simpler one."""

    route: Route
    choice: "Choice | None"
    barred_by: frozenset[str]


class Choice(NamedTuple):
    """Which pair of ports, which of its shapes; and whether that ran on top of no other link."""

    pair: int
    shape: int
    clean: bool


def find(
    key: str,
    ends: Ends,
    ports: Iterable[tuple[Port, Port]],
    ground: Ground,
    *,
    quick: bool = False,
) -> Found:
    """Return the route of a link: the cheapest that keeps clear of cards and of other links.

    `ports` are the pairs to try, best first. Where every way is barred the simplest is taken.
    `quick` is for a moment in a gesture: it leaves out what is dear and rarely needed.
    """
    best: tuple[float, Route, Choice] | None = None
    first: Route = []
    barring: set[str] = set()
    pairs: list[tuple[Port, Port]] = []
    for number, pair in enumerate(ports):
        pairs.append(pair)
        for shape, route in enumerate(shapes(*pair, *ends.boxes)):
            first = first or route
            bar = ground.obstacles.barring(route, ends.keys)
            if bar:
                barring.add(bar)
                continue
            over = 0.0 if quick else ground.tracks.overlap(key, route)
            if over <= 0:
                return Found(route, Choice(number, shape, clean=not quick), frozenset(barring))
            cost = over + OVERLAP + _length(route)
            if best is None or cost < best[0]:
                best = cost, route, Choice(number, shape, clean=False)
        if number >= 2 and (best is not None or quick):
            break
    if best is not None:
        return Found(*best[1:], frozenset(barring))
    found = None if quick else _search(pairs[0], ground.obstacles)
    return Found(found or first or list(_straight(*pairs[0])), None, frozenset(barring))


def again(
    key: str, ends: Ends, ports: Iterable[tuple[Port, Port]], ground: Ground, choice: Choice
) -> Route | None:
    """Return the route of the same shape as before, if it is still free.

    While a part is dragged its links then keep their shape, and cost a tenth.
    """
    for pair in islice(ports, choice.pair, choice.pair + 1):
        for route in islice(shapes(*pair, *ends.boxes), choice.shape, choice.shape + 1):
            free = not ground.obstacles.barring(route, ends.keys)
            if free and (not choice.clean or ground.tracks.overlap(key, route) <= 0):
                return route
    return None


def _length(route: Route) -> float:
    way = sum(abs(x2 - x1) + abs(y2 - y1) for (x1, y1), (x2, y2) in pairwise(route))
    return way + BEND * (len(route) - 2)


def _straight(source: Port, target: Port) -> Iterator[Point]:
    yield source.x, source.y
    if source.x != target.x and source.y != target.y:
        yield target.x, source.y
    yield target.x, target.y


def shapes(source: Port, target: Port, source_box: Box, target_box: Box) -> Iterator[Route]:
    """Yield plain routes between two ports, the simplest first."""
    upright = source.side in ("top", "bottom")
    if upright:  # the same shapes, with the axes swapped
        start, end = _swap_port(source), _swap_port(target)
        for route in shapes(start, end, _swap_box(source_box), _swap_box(target_box)):
            yield [(x, y) for y, x in route]
        return
    sign = _OUT[source.side][0]
    if target.side == source.side:
        yield from _u_shapes(source, target, source_box, target_box, sign)
    elif target.side in ("left", "right"):
        yield from _z_shapes(source, target, source_box, target_box, sign)
    else:
        yield from _l_shapes(source, target, sign)


_SWAPPED: dict[Side, Side] = {"left": "top", "right": "bottom", "top": "left", "bottom": "right"}


def _swap_port(port: Port) -> Port:
    return Port(port.y, port.x, _SWAPPED[port.side], port.lane)


def _swap_box(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


def _z_shapes(
    source: Port, target: Port, source_box: Box, target_box: Box, sign: float
) -> Iterator[Route]:
    gap = (target.x - source.x) * sign
    if gap >= STUB and abs(source.y - target.y) < 0.5:
        yield [(source.x, source.y), (target.x, source.y)]
    if gap >= 2 * STUB:
        room = gap / 2 - STUB
        lane = (source.lane or target.lane) * LANES[1]
        bias = lane * sign * (1.0 if target.y > source.y else -1.0)
        bias = max(-room, min(room, bias))
        for x in _lanes((source.x + target.x) / 2, bias, room):
            yield [(source.x, source.y), (x, source.y), (x, target.y), (target.x, target.y)]
    out, into = source.x + sign * STUB, target.x - sign * STUB
    rows = [
        (max(source_box.top, target_box.top) + min(source_box.bottom, target_box.bottom)) / 2,
        min(source_box.top, target_box.top) - 2 * STUB,
        max(source_box.bottom, target_box.bottom) + 2 * STUB,
    ]
    rows.sort(key=lambda y: abs(source.y - y) + abs(target.y - y))
    for y in rows:
        for number, lane in enumerate(LANES[:5]):
            further = sign * number * (APART + 1)
            yield [
                (source.x, source.y), (out + further, source.y), (out + further, y + lane),
                (into - further, y + lane), (into - further, target.y), (target.x, target.y),
            ]  # fmt: skip


def _lanes(middle: float, bias: float, room: float) -> Iterator[float]:
    yield from (middle + bias + lane for lane in LANES if abs(bias + lane) <= room)
    if room > 50:
        for share in (-0.8, 0.8, -0.6, 0.6):
            yield middle + share * room


def _u_shapes(
    source: Port, target: Port, source_box: Box, target_box: Box, sign: float
) -> Iterator[Route]:
    edges = (source_box.right, target_box.right) if sign > 0 else (source_box.left, target_box.left)
    beyond = max(edges) if sign > 0 else min(edges)
    for lane in (0.0, 10.0, 20.0, 30.0, 40.0):
        x = beyond + sign * (1.5 * STUB + lane)
        yield [(source.x, source.y), (x, source.y), (x, target.y), (target.x, target.y)]


def _l_shapes(source: Port, target: Port, sign: float) -> Iterator[Route]:
    ahead = (target.x - source.x) * sign
    above = (target.y - source.y) * (1 if target.side == "top" else -1)
    if ahead >= STUB and above >= STUB:
        yield [(source.x, source.y), (target.x, source.y), (target.x, target.y)]
    into = target.y + _OUT[target.side][1] * 1.5 * STUB
    for lane in LANES[:3]:
        out = source.x + sign * (1.5 * STUB + lane / 2)
        yield [
            (source.x, source.y), (out, source.y), (out, into + lane / 2),
            (target.x, into + lane / 2), (target.x, target.y),
        ]  # fmt: skip


def _search(ports: tuple[Port, Port], obstacles: Obstacles) -> Route | None:
    """Find a way along the edges of the cards around the two ends."""
    source, target = ports
    start, goal = _ahead(source), _ahead(target)
    area = Box(
        min(start[0], goal[0]) - 300, min(start[1], goal[1]) - 300,
        max(start[0], goal[0]) + 300, max(start[1], goal[1]) + 300,
    )  # fmt: skip
    near = [obstacles.boxes[key] for key in obstacles.meeting(area)]
    pad = CLEAR + 3
    columns = {start[0], goal[0], *(x for box in near for x in (box.left - pad, box.right + pad))}
    rows = {start[1], goal[1], *(y for box in near for y in (box.top - pad, box.bottom + pad))}
    middle = _a_star(start, goal, sorted(columns), sorted(rows), obstacles)
    if middle is None:
        return None
    return simplified([(source.x, source.y), *middle, (target.x, target.y)])


def _ahead(port: Port) -> Point:
    x, y = _OUT[port.side]
    return port.x + x * STUB, port.y + y * STUB


def _a_star(
    start: Point, goal: Point, columns: list[float], rows: list[float], obstacles: Obstacles
) -> Route | None:
    column = {x: index for index, x in enumerate(columns)}
    row = {y: index for index, y in enumerate(rows)}
    first = (column[start[0]], row[start[1]], 0)
    ways: dict[tuple[int, int, int], tuple[float, tuple[int, int, int] | None]] = {first: (0, None)}
    queue: list[tuple[float, tuple[int, int, int]]] = [(0.0, first)]
    for _ in range(MOST_STEPS):
        if not queue:
            return None
        _, node = heappop(queue)
        here = (columns[node[0]], rows[node[1]])
        if here == goal:
            return _retrace(node, ways, columns, rows)
        for after, there in _steps(node, columns, rows):
            bend = BEND if node[2] and after[2] != node[2] else 0.0
            step = abs(there[0] - here[0]) + abs(there[1] - here[1])
            cost = ways[node][0] + bend + step
            if after in ways and ways[after][0] <= cost:
                continue
            if obstacles.barring([here, there], ("", "")):
                continue
            ways[after] = (cost, node)
            rest = abs(there[0] - goal[0]) + abs(there[1] - goal[1])
            heappush(queue, (cost + rest, after))
    return None


def _steps(
    node: tuple[int, int, int], columns: list[float], rows: list[float]
) -> Iterator[tuple[tuple[int, int, int], Point]]:
    x, y, _ = node
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        if 0 <= x + dx < len(columns) and 0 <= y + dy < len(rows):
            yield (x + dx, y + dy, 1 if dx else 2), (columns[x + dx], rows[y + dy])


def _retrace(
    node: tuple[int, int, int],
    ways: dict[tuple[int, int, int], tuple[float, tuple[int, int, int] | None]],
    columns: list[float],
    rows: list[float],
) -> Route:
    route: Route = []
    step: tuple[int, int, int] | None = node
    while step is not None:
        route.append((columns[step[0]], rows[step[1]]))
        step = ways[step][1]
    return route[::-1]


def simplified(route: Route) -> Route:
    """Return a route without points in the middle of a straight run."""
    kept: Route = []
    for point in route:
        if kept and point == kept[-1]:
            continue
        if len(kept) >= 2 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept[-1] = point
        else:
            kept.append(point)
    return kept
