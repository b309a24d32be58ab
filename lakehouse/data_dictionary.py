"""The data dictionary as Markdown, from the tables' schemas and the expectations; nothing is written twice."""

from collections.abc import Iterable

from pipelines import schemas
from pipelines.schemas import Table
from pipelines.shared import rules
from pipelines.shared.rules import Rules

LAYERS = {
    "bronze": "The raw files' rows, every column as text, nothing cleaned or dropped.",
    "silver": "Typed and cleaned, one row for each key; what breaks a drop rule stands in `utils.quarantine`.",
    "gold": "The business views; a broken rule stops the update. `canceled` means canceled or unavailable.",
    "cdc": "Change events of three entities, their current rows and their history.",
    "utils": "What was rejected, how each expectation fares, and whether every row is accounted for.",
}
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

_RULES: dict[str, dict[str, Rules]] = {
    "bronze": rules.BRONZE,
    "silver": rules.SILVER,
    "gold": rules.GOLD,
    "cdc": rules.CDC,
    "utils": {"reconciliation": rules.RECONCILIATION},
}


def render() -> str:
    """The whole page: a chapter for each layer, with each table's key, columns and expectations."""
    chapters = [_chapter(layer, about) for layer, about in LAYERS.items()]
    return "\n".join([INTRODUCTION, *chapters]).rstrip() + "\n"


def _chapter(layer: str, about: str) -> str:
    tables = [table for table in schemas.TABLES if table.name.startswith(f"{layer}.")]
    return "\n".join([f"## {layer}\n", f"{about}\n", *(_section(layer, table) for table in tables)])


def _section(layer: str, table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.keys) or "none"
    columns = [
        (f"`{column.name}`" + (" (PII)" if column.pii else ""), column.type, column.comment)
        for column in table.columns
    ]
    parts = [f"### {table.name}\n", f"{table.comment}. Key: {key}.\n", _grid(("column", "type", ""), columns)]
    expected = _expectations(_RULES[layer].get(table.short_name, Rules()))
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
