"""Rows on the terminal, or as JSON or CSV."""

import csv
import json
import sys
from decimal import Decimal
from typing import Any

from rich.console import Console

from common.counting import are_numbers, counted
from lakehouse.output.formats import RowFormat
from lakehouse.output.text_table import table_lines
from local.engine.running.rows import Rows

PIPED_WIDTH = 10_000


def console() -> Console:
    """Where tables are written; a pipe has no edge to fold at."""
    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def show(
    rows: Rows, output: RowFormat = RowFormat.TABLE, title: str | None = None, *, grouped: bool = False
) -> None:
    """Writes the rows to standard output; a table's numbers with commas when `grouped`, and two decimals of fractions.

    Counts and amounts read well so. A year, an id or a share would not, so that is for those who know what the columns
    hold; else a value stands as it is.
    """
    if output is RowFormat.JSON:
        print(json.dumps(rows.as_dicts(), default=str, ensure_ascii=False, indent=2))
    elif output is RowFormat.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(rows.columns)
        writer.writerows(rows.rows)
    else:
        _show_table(rows, title, grouped)


def show_all(named: dict[str, Rows], output: RowFormat = RowFormat.TABLE) -> None:
    """Writes several results of counts by their titles; as JSON one object with a list a title in lower case."""
    if output is RowFormat.JSON:
        found = {title.lower(): rows.as_dicts() for title, rows in named.items()}
        print(json.dumps(found, default=str, ensure_ascii=False, indent=2))
        return
    for title, rows in named.items():
        show(rows, output, title, grouped=True)


def _show_table(rows: Rows, title: str | None, grouped: bool) -> None:
    to = console()
    right = [are_numbers(row[place] for row in rows.rows) for place in range(len(rows.columns))]
    cells = [[_text(value, grouped) for value in row] for row in rows.rows]
    header, lines = table_lines(rows.columns, cells, right, to)
    if title:
        to.print(title, style="bold", markup=False, highlight=False)
    to.out("\n".join(header), style="bold", highlight=False)
    if lines:
        to.out("\n".join(lines), highlight=False)
    to.print(counted(len(rows.rows), "row"), style="dim")


def _text(value: Any, grouped: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool) or not grouped:
        return str(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)
