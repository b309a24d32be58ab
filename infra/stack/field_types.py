"""Checks that a frozen record holds what its annotations promise: Python itself does not."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def wrong_types(record: Any, prefix: str = "") -> Iterator[str]:
    """A sentence for each field of the dataclass `record`, and of those in it, whose value is of another type.

    A text that is blank is wrong too. Annotations may be plain classes, unions, `tuple[X, ...]` and `dict[X, Y]`.
    """
    for name, annotation in get_type_hints(type(record)).items():
        value = getattr(record, name)
        if is_dataclass(value) and _fits(value, annotation):
            yield from wrong_types(value, f"{prefix}{name}.")
        elif not _fits(value, annotation):
            yield f"{prefix}{name} {value!r} must be {_named(annotation)}"
        elif isinstance(value, str) and not value.strip():
            yield f"{prefix}{name} {value!r} is empty"


def _fits(value: Any, annotation: Any) -> bool:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            _fits(key, arguments[0]) and _fits(item, arguments[1]) for key, item in value.items()
        )
    if annotation is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    return isinstance(value, annotation)


def _named(annotation: Any) -> str:
    """The annotation as it is written: `str | None`, `tuple[str, ...]`."""
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(map(_named, get_args(annotation)))
    if annotation is type(None):
        return "None"
    return (
        annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    )
