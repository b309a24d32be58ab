"""A trace for a terminal, and for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape

from common.counting import are_numbers, counted, ranges
from lakehouse.output.show import console, show
from lakehouse.tracing.trace_tree import CleanedValue, ShownRow, TableTrace, keys_of
from local.engine.running.rows import Rows
from local.engine.tracing.source_rows import Judged

FIGURE = "figure"
DELIVERED = ("became", "breaks", "cleaned", "stands in")


def show_trace(top: TableTrace) -> None:
    """Prints each table of a trace, what is behind it below."""
    several = len(top.rows) > 1
    for table, above in with_above(top):
        title = title_of(table, above)
        if table.rows:
            show(shown_rows(table, several=several), title=title)
        else:
            console().print(escape(title), style="bold")
        for line in remarks(table, above, several=several):
            console().print(f"  {escape(line)}", style="dim", highlight=False)
        console().print()


def with_above(table: TableTrace, above: str = "") -> Iterator[tuple[TableTrace, str]]:
    """A table and all that are behind it, each with the name of the one whose rows it is behind."""
    yield table, above
    for one in table.behind:
        yield from with_above(one, table.name)


def title_of(table: TableTrace, above: str) -> str:
    """`silver.orders: 12 rows behind gold.sales_performance`, `gold.sales: 20 of 600 rows, the first ones`."""
    if not above and table.count > len(table.rows):
        return f"{table.name}: {len(table.rows):,} of {counted(table.count, 'row')}, the first ones"
    some = f", {len(table.rows)} of them shown" if table.count > len(table.rows) else ""
    behind = f" behind {above}" if above else ""
    return f"{table.name}: {counted(table.count, 'row')}{behind}{some}"


def shown_rows(table: TableTrace, *, several: bool) -> Rows:
    """The columns that matter; of rows that were delivered their key and what became of them.

    Where `several` figures were asked for, first which of them a row is behind.
    """
    delivered = [name for name in DELIVERED if any(_of_delivery(row)[name] for row in table.rows)]
    keys = [name for name in keys_of(table.name) if name in table.columns]
    names = list(dict.fromkeys([*table.made_of, *keys])) if delivered and keys else table.columns
    rows = [
        (
            *([ranges(row.figures)] if several else []),
            *(row.row.values[name] for name in names),
            *(_of_delivery(row)[name] for name in delivered),
        )
        for row in table.rows
    ]
    return Rows([*([FIGURE] if several else []), *names, *delivered], rows)


def _of_delivery(row: ShownRow) -> dict[str, str]:
    cleaned = "; ".join(map(cleaning_text, row.cleaned))
    return dict(
        zip(DELIVERED, (row.row.became, ", ".join(row.row.broken), cleaned, place_text(row)), strict=True)
    )


def cleaning_text(one: CleanedValue) -> str:
    """`customer_city 'franca ' → Franca`."""
    made_of = "" if one.source == one.column else f"{one.source} "
    raw = "null" if one.raw is None else repr(one.raw)
    return f"{one.column}: {made_of}{raw} → {'null' if one.value is None else one.value}"


def place_text(row: ShownRow) -> str:
    """`volumes/raw/olist/orders/orders_run00001.csv:17`; empty where no file is known."""
    if row.file and not row.lines:
        return f"{row.file} (not found in it)"
    return f"{row.file}:{','.join(map(str, row.lines))}" if row.file else ""


def remarks(table: TableTrace, above: str, *, several: bool) -> list[str]:
    """What the rules say of the rows, what is not shown of which figure, and what is not traced."""
    own = [f"rules: {rules_text(table.rules)}"] if table.rules else []
    way = [f"rules of {above}: {rules_text(table.on_the_way)}"] if table.on_the_way else []
    left = [f"rows not shown, by figure: {_left_out(table)}"] if several and table.left_out else []
    return [*own, *way, *left, *table.notes]


def _left_out(table: TableTrace) -> str:
    return ", ".join(f"{figure}: {rows:,}" for figure, rows in table.left_out.items())


def rules_text(rules: Sequence[Judged]) -> str:
    """`all rows keep all 4: ...`, or by which rows the others are broken, and what they do then."""
    kept = [one.name for one in rules if not one.failed]
    broken = [
        f"{one.name} is broken by {counted(one.failed, 'row')}, action {one.action}"
        for one in rules
        if one.failed
    ]
    which = f"all {len(rules)}" if len(rules) > 1 else "it"
    told = f"all rows keep {'the others' if broken else which}: {', '.join(kept)}" if kept else ""
    return "; ".join([*broken, *([told] if told else [])])


def as_json(table: TableTrace) -> dict[str, Any]:
    """The trace with all columns of the shown rows; `behind` holds what is behind, alike."""
    return {
        "table": table.name,
        "columns": table.columns,
        "made_of": table.made_of,
        "numbers": [name for name in table.columns if _holds_numbers(table, name)],
        "count": table.count,
        "rows": [_row_as_json(row) for row in table.rows],
        "left_out": table.left_out,
        "rules": [vars(one) for one in table.rules],
        "rules_on_the_way": [vars(one) for one in table.on_the_way],
        "notes": table.notes,
        "behind": [as_json(one) for one in table.behind],
    }


def _holds_numbers(table: TableTrace, name: str) -> bool:
    """Said apart, since JSON has decimals as texts, which lose no digit."""
    return are_numbers(row.row.values[name] for row in table.rows)


def _row_as_json(row: ShownRow) -> dict[str, Any]:
    told = {
        "figures": sorted(row.figures),
        "became": row.row.became,
        "broken": list(row.row.broken),
        "cleaned": [vars(one) for one in row.cleaned],
        "file": row.file,
        "lines": list(row.lines),
    }
    return {"values": dict(row.row.values)} | {name: value for name, value in told.items() if value}
