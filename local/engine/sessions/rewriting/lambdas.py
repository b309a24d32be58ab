"""What the variables of a lambda stand for, so that types within it are known."""

from collections.abc import Callable, Sequence

from local.engine.sessions.rewriting.expressions import Tree, call


def variables_of(function: str, values: Sequence[Tree]) -> Sequence[Tree]:
    """What has the types of the variables of a function's lambdas, by the other arguments; none where unknown."""
    known = _VARIABLES.get(function)
    return known(*values) if known else ()


def _element(array: Tree) -> Tree:
    return call("element_at", array, 1)


def _elements(array: Tree, *_: Tree) -> Sequence[Tree]:
    return _element(array), 0


def _folded(array: Tree, start: Tree, *_: Tree) -> Sequence[Tree]:
    return start, _element(array)


def _zipped(left: Tree, right: Tree, *_: Tree) -> Sequence[Tree]:
    return _element(left), _element(right)


def _compared(array: Tree, *_: Tree) -> Sequence[Tree]:
    return _zipped(array, array)


def _entries(*maps: Tree) -> Sequence[Tree]:
    return _element(call("map_keys", maps[0])), *(_element(call("map_values", one)) for one in maps)


_VARIABLES: dict[str, Callable[..., Sequence[Tree]]] = {
    **dict.fromkeys(("transform", "filter", "exists", "forall"), _elements),
    **dict.fromkeys(("aggregate", "reduce"), _folded),
    "zip_with": _zipped,
    "array_sort": _compared,
    **dict.fromkeys(("map_filter", "transform_keys", "transform_values", "map_zip_with"), _entries),
}
