"""Expectations, which open-source Spark Declarative Pipelines lacks, as Databricks documents them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeVar

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from common.errors import UserError

Action = Literal["warn", "drop", "fail"]
Query = TypeVar("Query", bound=Callable[..., Any])
ATTRIBUTE = "lakeflow_expectations"
FAILED = "expectation '{name}' of {dataset} failed"


@dataclass(frozen=True)
class Expectation:
    """A SQL predicate over a row and what happens to a row for which it is not true."""

    name: str
    predicate: str
    action: Action


def decorators() -> dict[str, Callable[..., Any]]:
    """The names that Databricks adds to pyspark.pipelines for expectations, and what they do."""
    actions: dict[str, Action] = {"": "warn", "_or_drop": "drop", "_or_fail": "fail"}
    one = {f"expect{suffix}": _one(action) for suffix, action in actions.items()}
    many = {f"expect_all{suffix}": _many(action) for suffix, action in actions.items()}
    return one | many


def _one(action: Action) -> Callable[[str, str], Callable[[Query], Query]]:
    return lambda name, inv: _attaching([Expectation(name, inv, action)])


def _many(action: Action) -> Callable[[Mapping[str, str]], Callable[[Query], Query]]:
    return lambda expectations: _attaching(expectations_of(expectations, action))


def expectations_of(predicates: Mapping[str, str] | None, action: Action) -> list[Expectation]:
    """The expectations of a mapping from names to predicates."""
    return [Expectation(name, predicate, action) for name, predicate in (predicates or {}).items()]


def _attaching(expectations: list[Expectation]) -> Callable[[Query], Query]:
    def attach(query: Query) -> Query:
        if not callable(query):
            raise UserError(
                f"expectation '{expectations[0].name}': write the expect decorators below the decorator of the table"
            )
        setattr(query, ATTRIBUTE, expectations + attached(query))
        return query

    return attach


def attached(query: Callable[..., Any]) -> list[Expectation]:
    """The expectations that the decorators attached to a query function, top to bottom."""
    return list(getattr(query, ATTRIBUTE, []))


def expected(rows: DataFrame, dataset: str, expectations: Iterable[Expectation]) -> DataFrame:
    """The rows that stay: a broken drop rule filters a row out, a broken fail rule stops the update.

    A predicate that gives null counts as broken. The error of a fail rule names the expectation and the dataset.
    """
    expectations = list(expectations)
    fails = [_or_stop(e, dataset) for e in expectations if e.action == "fail"]
    drops = [F.coalesce(F.expr(e.predicate), F.lit(False)) for e in expectations if e.action == "drop"]
    return reduce(DataFrame.where, [*fails, *drops], rows)


def looked_at(rows: DataFrame, expectations: Iterable[Expectation]) -> DataFrame:
    """The same rows; Spark refuses a warn rule that names no column of theirs, and does not compute the others."""
    warns = [F.lit(True) | F.expr(e.predicate) for e in expectations if e.action == "warn"]
    return reduce(DataFrame.where, warns, rows)


def _or_stop(expectation: Expectation, dataset: str) -> Any:
    message = FAILED.format(name=expectation.name, dataset=dataset)
    return F.assert_true(F.expr(expectation.predicate), F.lit(message)).isNull()
