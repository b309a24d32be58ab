"""A table as lines of text. Rich lays out every cell by itself, which takes seconds for some thousand rows."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], to: Console
) -> tuple[list[str], list[str]]:
    """The lines of the header and of the rows, by cells; columns that are `right` are aligned there.

    Where the columns are wider than the console, the widest are cut down, and their cells take several lines.
    """
    widths = [max(map(_width, cells)) for cells in zip(columns, *rows, strict=True)]
    widths = _fitting(widths, to.width - 2 * len(columns))

    def line(cells: Sequence[str]) -> str:
        padded = (
            " " * (width - cell_len(cell)) + cell if at_right else cell + " " * (width - cell_len(cell))
            for cell, width, at_right in zip(cells, widths, right, strict=True)
        )
        return f" {'  '.join(padded)}".rstrip()

    def lines(row: Sequence[str]) -> Iterator[str]:
        folded = [_folded(cell, width, to) for cell, width in zip(row, widths, strict=True)]
        return map(line, zip_longest(*folded, fillvalue=""))

    return list(lines(columns)), [each for row in rows for each in lines(row)]


def _fitting(widths: Sequence[int], available: int) -> list[int]:
    """The widths, none above the greatest at which all have room."""
    cap = max(min(available, max(widths, default=0)), 1)
    while cap > 1 and sum(min(width, cap) for width in widths) > available:
        cap -= 1
    return [min(width, cap) for width in widths]


def _width(cell: str) -> int:
    """That of its widest line."""
    return cell_len(cell) if cell.isprintable() else max(map(cell_len, cell.splitlines()), default=0)


def _folded(cell: str, width: int, to: Console) -> Sequence[str]:
    """The cell by lines of at most this width."""
    if cell.isprintable() and cell_len(cell) <= width:
        return (cell,)
    return [each.plain.rstrip() for each in Text(cell).wrap(to, width, overflow="fold")]
