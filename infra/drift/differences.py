"""Where two nested values differ, as paths such as `tasks[generate].max_retries`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What tells apart the items of a list of objects.
KEYS = ("task_key", "environment_key", "job_cluster_key", "metric", "name")
# Lists of plain values whose order counts.
ORDERED = frozenset({"parameters"})


class _Anything(str):
    """Stands for what cannot be known, such as the id of a pipeline that is gone; it is shown as a text."""

    __slots__ = ()


ANYTHING = _Anything("(whatever it is)")


@dataclass(frozen=True)
class FieldDifference:
    """One path with its two values; None stands for nothing."""

    path: str
    expected: Any
    actual: Any

    @property
    def top(self) -> str:
        """The first step of the path: `tasks`."""
        return self.path.split(".")[0].split("[")[0]

    @property
    def provider_sees(self) -> bool:
        """Whether the provider's reading keeps it (docs/drift.md has the rule and its source).

        Of a top-level argument that comes back empty, or that was never declared, it keeps flags and numbers.
        """
        if self.path != self.top:
            return True
        kept = isinstance(self.expected, int | float) or isinstance(self.actual, bool)
        return kept or not (is_empty(self.expected) or is_empty(self.actual))


def differences(
    expected: Mapping[str, Any], actual: Mapping[str, Any], defaults: Mapping[str, Any]
) -> list[FieldDifference]:
    """Every difference of two objects, nothing and an empty value being equal.

    `defaults` are what the API fills in where a field is not given, by the field's name at any depth.
    """
    return list(_Comparison(defaults).mappings("", expected, actual))


def is_empty(value: Any) -> bool:
    """None, "", False, 0, and whatever holds nothing but these."""
    if isinstance(value, Mapping):
        return all(is_empty(item) for item in value.values())
    return value is not ANYTHING and not value


@dataclass(frozen=True)
class _Comparison:
    defaults: Mapping[str, Any]

    def mappings(
        self, path: str, expected: Mapping[str, Any], actual: Mapping[str, Any]
    ) -> Iterator[FieldDifference]:
        for key in sorted({*expected, *actual}):
            step = f"{path}.{key}" if path else key
            default = self.defaults.get(key)
            yield from self._values(step, key, expected.get(key, default), actual.get(key, default))

    def _values(self, path: str, key: str, expected: Any, actual: Any) -> Iterator[FieldDifference]:
        if expected is ANYTHING or (self._is_default(expected) and self._is_default(actual)):
            return
        if isinstance(expected, Mapping) and isinstance(actual, Mapping) and expected and actual:
            yield from self.mappings(path, expected, actual)
        elif isinstance(expected, list) and isinstance(actual, list):
            yield from self._lists(path, key, expected, actual)
        elif expected != actual:
            yield FieldDifference(path, _or_none(expected), _or_none(actual))

    def _is_default(self, value: Any) -> bool:
        """Nothing, or an object in which every field is what the API fills in."""
        if isinstance(value, Mapping):
            return all(
                self.defaults.get(key, ()) == item or self._is_default(item) for key, item in value.items()
            )
        return is_empty(value)

    def _lists(
        self, path: str, key: str, expected: list[Any], actual: list[Any]
    ) -> Iterator[FieldDifference]:
        name = _key_of([*expected, *actual])
        if not expected or not actual:
            yield FieldDifference(path, _or_none(expected), _or_none(actual))
        elif name:
            before, after = ({item[name]: item for item in items} for items in (expected, actual))
            for item in sorted({*before, *after}):
                yield from self._values(f"{path}[{item}]", key, before.get(item), after.get(item))
        elif _canonical(expected, key) != _canonical(actual, key):
            yield FieldDifference(path, expected, actual)


def _or_none(value: Any) -> Any:
    """An empty text, list or object is nothing; a flag and a number are always told."""
    return None if value in ("", [], {}) else value


def _key_of(items: list[Any]) -> str | None:
    if not all(isinstance(item, Mapping) for item in items):
        return None
    return next((name for name in KEYS if all(name in item for item in items)), None)


def _canonical(items: list[Any], key: str) -> list[str]:
    texts = [json.dumps(_sorted_lists(item), sort_keys=True) for item in items]
    return texts if key in ORDERED else sorted(texts)


def _sorted_lists(value: Any) -> Any:
    """`value` with every list within it in one order; the lists of alerts and recipients have none."""
    if isinstance(value, Mapping):
        return {key: _sorted_lists(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(
            (_sorted_lists(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True)
        )
    return value
