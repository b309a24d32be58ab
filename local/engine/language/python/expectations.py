"""The expect decorators of Lakeflow, above or below the decorator of the dataset."""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import Column

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import Action, Expectation

ACTIONS: dict[str, Action] = {"": "warn", "_or_drop": "drop", "_or_fail": "fail"}
Decorator = Callable[[Any], Any]


class Expectations:
    """What the decorators expect of each query function, and which dataset a function defines."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        # By identity, since not every callable takes attributes; the function is held, so that its identity stays.
        self._expected: dict[int, tuple[Any, list[Expectation]]] = {}
        self._defines: dict[int, tuple[Any, str]] = {}

    def of(self, query: Any) -> tuple[Expectation, ...]:
        """What stands below the decorator of the dataset, top to bottom."""
        return tuple(self._expected.get(id(query), (query, []))[1])

    def defined(self, query: Any, dataset: str) -> None:
        """Decorators from here on are above the dataset's: they hold for `dataset`, by its full name."""
        self._defines[id(query)] = (query, dataset)

    def decorators(self) -> dict[str, Callable[..., Decorator]]:
        """`expect`, `expect_all` and their `_or_drop` and `_or_fail`."""
        one = {f"expect{suffix}": self._one(f"expect{suffix}", action) for suffix, action in ACTIONS.items()}
        return one | {f"expect_all{suffix}": self._all(action) for suffix, action in ACTIONS.items()}

    def _one(self, function: str, action: Action) -> Callable[..., Decorator]:
        def decorator(
            name: Any = None, inv: Any = None, *, condition: Any = None, **others: Any
        ) -> Decorator:
            predicate = inv if inv is not None else condition
            if others or name is None or predicate is None:
                raise UserError(f"{function} takes a name and a condition")
            return self._attach(expectations_of({name: predicate}, action))

        return decorator

    def _all(self, action: Action) -> Callable[..., Decorator]:
        return lambda expectations: self._attach(expectations_of(expectations, action))

    def _attach(self, expectations: list[Expectation]) -> Decorator:
        def attach(query: Any) -> Any:
            if not callable(query):
                raise UserError("an expect decorator stands over what is no function")
            if id(query) in self._defines:
                self._definitions.expect(self._defines[id(query)][1], expectations)
            else:
                self._expected[id(query)] = (query, [*expectations, *self.of(query)])
            return query

        return attach


def expectations_of(predicates: Mapping[str, str | Column] | None, action: Action) -> list[Expectation]:
    """The expectations of a mapping from names to predicates; raises UserError for other things."""
    if predicates is not None and not isinstance(predicates, Mapping):
        raise UserError(f"expectations are a dict from name to condition, not {type(predicates).__name__}")
    for name, predicate in (predicates or {}).items():
        if not isinstance(name, str) or not isinstance(predicate, str | Column):
            raise UserError(f"expectation {name!r}: name and condition are text, not {predicate!r}")
    return [Expectation(name, predicate, action) for name, predicate in (predicates or {}).items()]
