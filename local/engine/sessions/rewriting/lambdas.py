"""What the variables of a lambda stand for, so that types within it are known."""

from collections.abc import Callable

from local.engine.sessions.rewriting.nodes import Node


def _elements(array: str, *_: str) -> tuple[str, ...]:
    return f"({array})[0]", "0"


def _folded(array: str, start: str, *_: str) -> tuple[str, ...]:
    return start, f"({array})[0]"


def _zipped(left: str, right: str, *_: str) -> tuple[str, ...]:
    return f"({left})[0]", f"({right})[0]"


def _compared(array: str, *_: str) -> tuple[str, ...]:
    return _zipped(array, array)


def _entries(map_: str, *_: str) -> tuple[str, ...]:
    return f"map_keys({map_})[0]", f"map_values({map_})[0]"


def _both_entries(left: str, right: str, *_: str) -> tuple[str, ...]:
    return f"map_keys({left})[0]", f"map_values({left})[0]", f"map_values({right})[0]"


# What the variables of a function's lambdas are, from the texts of its other arguments.
_VARIABLES: dict[str, Callable[..., tuple[str, ...]]] = {
    **dict.fromkeys(("transform", "filter", "exists", "forall", "any_match", "all_match"), _elements),
    **dict.fromkeys(("aggregate", "reduce"), _folded),
    "zip_with": _zipped,
    "array_sort": _compared,
    **dict.fromkeys(("map_filter", "transform_keys", "transform_values"), _entries),
    "map_zip_with": _both_entries,
}


def bound(call: Node) -> Node:
    """The call, whose lambdas know what their variables stand for, where that is known."""
    variables = _VARIABLES.get(call.function)
    values = [one.text for one in call.arguments if not one.bindings]
    lambdas = [one for one in call.arguments if one.bindings]
    if variables and lambdas and len(values) == call.arguments.index(lambdas[0]):
        given = variables(*values)
        for one in lambdas:
            one.bindings = dict(zip(one.bindings, given, strict=False))
    return call
