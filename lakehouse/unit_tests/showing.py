"""Outcomes of tests on the terminal: a line a test, and for what differs a table."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakehouse.output.paths import path_from_here
from lakehouse.unit_tests.cells import equal, text_of
from lakehouse.unit_tests.comparing import TableDiff, Values
from lakehouse.unit_tests.running import Outcome


def show_outcome(outcome: Outcome, to: Console) -> None:
    """Writes one outcome."""
    test = outcome.test
    verdict = "passed" if outcome.passed else "[bold red]FAILED[/]"
    place = f"{path_from_here(test.spot.file)}:{test.spot.line}"
    to.print(f"{escape(place)}: {verdict}: {escape(test.name)} ({outcome.seconds:.2f} s)", highlight=False)
    if outcome.fault:
        to.print(f"  {escape(outcome.fault)}", highlight=False)
    if outcome.diff:
        to.print(_table(outcome.diff))


def _table(diff: TableDiff) -> Table:
    """`~` a row with other values (expected -> came), `-` one that is missing, `+` one that nobody expects."""
    table = Table(box=None, header_style="bold")
    for name in ("", *diff.columns):
        table.add_column(escape(name), overflow="fold")
    for sign, cells in _lines(diff):
        table.add_row(f"  {sign}", *map(escape, cells), style={"-": "red", "+": "green"}.get(sign, ""))
    return table


def _lines(diff: TableDiff) -> Iterator[tuple[str, list[str]]]:
    for number, row in sorted(diff.changed.items()):
        yield "~", [_change(diff.expected[number], row, column) for column in diff.columns]
    for number in diff.missing:
        yield "-", [_cell(diff.expected[number], column) for column in diff.columns]
    for row in diff.unexpected:
        yield "+", [_cell(row, column) for column in diff.columns]


def _change(expected: Values, row: Values, column: str) -> str:
    came = text_of(row[column])
    same = column not in expected or equal(expected[column], row[column])
    return came if same else f"{text_of(expected[column])} -> {came}"


def _cell(row: Values, column: str) -> str:
    return text_of(row[column]) if column in row else ""
