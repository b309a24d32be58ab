"""Places datasets in layers: what is read stands left of what reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 220, 58
GAP_X, GAP_Y = 36, 12
MARGIN = 16
SWEEPS = 6
# Where a schema's tables begin at the earliest, so that one layer stands below itself.
FLOORS = {"bronze": 1, "cdc": 1, "silver": 2, "utils": 3, "gold": 6}


@dataclass(frozen=True)
class Box:
    """A dataset's place: the left upper corner, in pixels."""

    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Edge:
    """A line from what is read to what reads it; `path` as SVG has it."""

    source: str
    target: str
    path: str


@dataclass(frozen=True)
class Picture:
    """A graph with its size in pixels."""

    boxes: list[Box]
    edges: list[Edge]
    width: int
    height: int


def laid_out(sources: Mapping[str, Sequence[str]]) -> Picture:
    """The picture of datasets, given what each reads; sources that are no key of the mapping are left out."""
    known = {name: [one for one in read if one in sources] for name, read in sources.items()}
    layers = _ordered(_layers(known), known)
    tallest = max((len(layer) for layer in layers), default=0)
    boxes: dict[str, Box] = {}
    for number, layer in enumerate(layers):
        top = MARGIN + (tallest - len(layer)) * (HEIGHT + GAP_Y) // 2
        for place, name in enumerate(layer):
            boxes[name] = Box(name, MARGIN + number * (WIDTH + GAP_X), top + place * (HEIGHT + GAP_Y))
    edges = [Edge(one, name, _path(boxes[one], boxes[name])) for name, read in known.items() for one in read]
    width = 2 * MARGIN + len(layers) * (WIDTH + GAP_X) - GAP_X
    return Picture(list(boxes.values()), edges, width, 2 * MARGIN + tallest * (HEIGHT + GAP_Y) - GAP_Y)


def _layers(known: Mapping[str, Sequence[str]]) -> list[list[str]]:
    depth: dict[str, int] = {}

    def depth_of(name: str, above: frozenset[str]) -> int:
        if name not in depth:
            # A table that reads itself in a circle stands where it is met first.
            read = [one for one in known[name] if one not in above]
            least = FLOORS.get(name.partition(".")[0], 0)
            depth[name] = max([least, *(depth_of(one, above | {name}) + 1 for one in read)])
        return depth[name]

    found: dict[int, list[str]] = {}
    for name in known:
        found.setdefault(depth_of(name, frozenset({name})), []).append(name)
    return [found[number] for number in sorted(found)]


def _ordered(layers: list[list[str]], known: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Each layer by where its neighbours stand, forth and back, so that few lines cross."""
    readers: dict[str, list[str]] = {name: [] for name in known}
    for name, read in known.items():
        for one in read:
            readers[one].append(name)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        neighbours = known if forth else readers
        place = {name: number / max(1, len(layer)) for layer in layers for number, name in enumerate(layer)}
        for layer in layers if forth else reversed(layers):
            layer.sort(key=lambda name: _mean([place[one] for one in neighbours[name]], place[name]))
            place.update({name: number / max(1, len(layer)) for number, name in enumerate(layer)})
    return layers


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _path(source: Box, target: Box) -> str:
    x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
    x2, y2 = target.x, target.y + HEIGHT // 2
    bend = max(24, (x2 - x1) // 2)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
