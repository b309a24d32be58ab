"""The data dictionary as Markdown, from the tables' schemas and the expectations; nothing is written twice."""

import textwrap
from collections.abc import Iterable

from lakehouse.documents.lists import LINE_WIDTH, wrapped_item
from pipelines.catalog import SCHEMAS, WRITER, Schema
from pipelines.schemas import TABLES, Table
from pipelines.shared.rules import BY_SCHEMA, Rules

# What becomes of a row that breaks a rule.
ACTIONS = {"warn": "counted, kept", "drop": "kept out, quarantined", "fail": "stops the update"}
INTRODUCTION = """# Data dictionary

Written by `lakehouse dictionary` from `pipelines/schemas/` and `pipelines/shared/rules.py`: change those, not this
page.
Times are UTC, money is BRL. Ids are 32 lower-case hex digits from silver on. Columns marked PII hold personal data.
An expectation says in parentheses what becomes of a row that breaks it.
"""
PERSONAL = """## Where personal data is

The columns marked PII; and the raw files that they come from, in both volumes. Ids of customers and orders lead to a
person only by way of `customer_unique_id`.
"""


def render() -> str:
    """The whole page: a chapter for each schema that holds tables, with each table's key, columns and expectations."""
    chapters = [_chapter(schema) for schema in SCHEMAS if schema.name in WRITER]
    return "\n".join([INTRODUCTION, PERSONAL, _personal_columns(), *chapters]).rstrip() + "\n"


def _personal_columns() -> str:
    found = ((table, [column.name for column in table.columns if column.pii]) for table in TABLES)
    return _list(
        f"`{table.name}`: {', '.join(f'`{name}`' for name in names)}" for table, names in found if names
    )


def _chapter(schema: Schema) -> str:
    about = f"{schema.comment}.\n{schema.note}".rstrip()
    sections = [_section(table) for table in TABLES if table.schema_name == schema.name]
    return "\n".join([f"## {schema.name}\n", f"{about}\n", *sections])


def _section(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.keys) or "none"
    columns = [
        f"`{column.name}` {column.type}{', PII' if column.pii else ''}: {column.comment}"
        for column in table.columns
    ]
    about = textwrap.fill(f"{table.comment}.", LINE_WIDTH)
    parts = [f"### {table.name}\n", f"{about}\nKey: {key}.\n", "Columns:\n", _list(columns)]
    expected = _expectations(BY_SCHEMA[table.schema_name].get(table.short_name, Rules()))
    return "\n".join([*parts, "Expectations:\n", _list(expected)] if expected else parts)


def _expectations(expected: Rules) -> list[str]:
    by_action = {"warn": expected.warn, "drop": expected.drop, "fail": expected.fail}
    return [
        f"`{name}` ({ACTIONS[action]}): `{predicate}`"
        for action, named in by_action.items()
        for name, predicate in named.items()
    ]


def _list(items: Iterable[str]) -> str:
    return "".join(f"{wrapped_item(item)}\n" for item in items)
