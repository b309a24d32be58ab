"""The data dictionary as Markdown, from the tables' schemas and the expectations; nothing is written twice."""

import textwrap
from collections.abc import Iterable

from pipelines.catalog import SCHEMAS, WRITER, Schema
from pipelines.schemas import TABLES, Table
from pipelines.shared.rules import BY_SCHEMA, Rules

LINE_WIDTH = 120
ACTIONS = {
    "warn": "counted, kept",
    "drop": "kept out, quarantined",
    "fail": "stops the update",
}
INTRODUCTION = """# Data dictionary

Written by `lakehouse dictionary` from `pipelines/schemas/` and `pipelines/shared/rules.py`: change those, not this
page.
Times are UTC, money is BRL. Ids are 32 lower-case hex digits from silver on. Columns marked PII hold personal data.
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
    rows = [(f"`{table.name}`", ", ".join(f"`{name}`" for name in names)) for table, names in found if names]
    return _grid(("table", "columns"), rows)


def _chapter(schema: Schema) -> str:
    about = f"{schema.comment}.\n{schema.note}".rstrip()
    sections = [_section(table) for table in TABLES if table.schema_name == schema.name]
    return "\n".join([f"## {schema.name}\n", f"{about}\n", *sections])


def _section(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.keys) or "none"
    columns = [
        (f"`{column.name}`" + (" (PII)" if column.pii else ""), column.type, column.comment)
        for column in table.columns
    ]
    about = textwrap.fill(f"{table.comment}.", LINE_WIDTH)
    parts = [
        f"### {table.name}\n",
        f"{about}\nKey: {key}.\n",
        _grid(("column", "type", ""), columns),
    ]
    expected = _expectations(BY_SCHEMA[table.schema_name].get(table.short_name, Rules()))
    if expected:
        parts.append(_grid(("expectation", "when broken", "holds when"), expected))
    return "\n".join(parts)


def _expectations(expected: Rules) -> list[tuple[str, str, str]]:
    by_action = {"warn": expected.warn, "drop": expected.drop, "fail": expected.fail}
    return [
        (f"`{name}`", ACTIONS[action], f"`{predicate}`")
        for action, named in by_action.items()
        for name, predicate in named.items()
    ]


def _grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
