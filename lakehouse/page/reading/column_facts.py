"""The columns of a table with what is declared of them, and the expectations that look at a column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from lakehouse.page.reading.lake import Lake
from local.engine.lineage.traced_values import ColumnOrigin
from local.engine.storage.delta import open_table
from local.engine.storage.log import table_path
from pipelines.shared.rules import BY_SCHEMA, Rules


@dataclass(frozen=True)
class ColumnFacts:
    """A column as the page shows it; `personal` marks what identifies a person."""

    name: str
    type: str = ""
    comment: str = ""
    personal: bool = False
    is_key: bool = False


def column_facts(lake: Lake, name: str) -> list[ColumnFacts]:
    """The columns of a table as it is, else as it is declared."""
    declared = lake.declared(name)
    personal = {column.name for column in declared.columns if column.pii} if declared else set()
    keys = declared.keys if declared else ()
    table = open_table(table_path(lake.home.warehouse, name))
    if table is None:
        found = [(each.name, each.type, each.comment) for each in (declared.columns if declared else ())]
    else:
        found = [
            (field.name, _type(field.type), str(field.metadata.get("comment", "")))
            for field in table.schema().fields
        ]
    return [
        ColumnFacts(column, kind, comment, column in personal, column in keys)
        for column, kind, comment in found
    ]


def _type(kind: Any) -> str:
    return getattr(kind, "type", "") if type(kind).__name__ == "PrimitiveType" else str(kind)


def declared_rules(name: str) -> list[tuple[str, str, str]]:
    """The expectations of a dataset: name, action (warn, drop or fail) and the SQL that holds."""
    schema, _, short_name = name.rpartition(".")
    rules = BY_SCHEMA.get(schema, {}).get(short_name, Rules())
    by_action = {"warn": rules.warn, "drop": rules.drop, "fail": rules.fail}
    return [(name, action, rule) for action, named in by_action.items() for name, rule in named.items()]


def expectations_on(columns: Iterable[ColumnOrigin]) -> Iterator[tuple[ColumnOrigin, str, str]]:
    """The expectations that look at any of the columns: the column, their name and what a broken one does."""
    for column in columns:
        for name, action, rule in declared_rules(column.dataset):
            if column.column.lower() in _named_in(rule):
                yield column, name, action


@cache
def _named_in(rule: str) -> frozenset[str]:
    found = sqlglot.parse_one(rule, read="databricks").find_all(exp.Column)
    return frozenset(column.name.lower() for column in found)
