"""Where a figure comes from: the rows behind it, table by table, down to the lines of the files."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from common.errors import UserError
from common.sql_text import quoted
from lakehouse.dashboards.formulas import Formula, formula_of
from lakehouse.dashboards.model import read_dashboard
from lakehouse.page.reading.column_facts import column_facts
from lakehouse.page.reading.lake import LakeDataset
from lakehouse.page.reading.rows import rows_page
from lakehouse.page.reading.traced import cell_origins, trace_of, with_those_behind
from lakehouse.page.views.figures import DASHBOARD
from lakehouse.page.views.view import Context, Here

router = APIRouter()
MOST = 20
FIGURES = "gold."
Limit = Annotated[int, Query(ge=1, le=1_000)]
Name = Annotated[str, Query(max_length=255)]
"""A name of the dashboard's: only looked up in its file, never shown or asked as it came."""


@router.get("/trace", response_class=HTMLResponse)
def trace_page(
    context: Here,
    table: str = "",
    where: str = "",
    column: str = "",
    limit: Limit = MOST,
    widget: Name = "",
    field: Name = "",
) -> str:
    """The page, into which the trace comes when it is made; without a table with an example to ask for.

    `widget` and `field` name the figure that was clicked.
    """
    written = context.lake.written
    is_asked = bool(table)
    if not is_asked:
        table, where = _example(context, written)
    return context.page(
        "trace",
        tables=[one.name for one in written],
        table=table,
        where=where,
        column=column,
        limit=limit,
        widget=widget,
        field=field,
        is_asked=is_asked,
    )


def _example(context: Context, written: Iterable[LakeDataset]) -> tuple[str, str]:
    """A table of figures and the condition of its first row; empty where there is none."""
    for one in written:
        if one.name.startswith(FIGURES) and one.rows:
            first = rows_page(context.lake.table(one.name), {}, None, 0, 1)
            origins = cell_origins(one.name, first, column_facts(context.lake, one.name))
            if origins:
                return one.name, origins.wheres[0]
    return "", ""


@router.get("/trace/behind", response_class=HTMLResponse)
def trace_behind(
    context: Here,
    table: str,
    where: str = "",
    column: str = "",
    limit: Limit = MOST,
    widget: Name = "",
    field: Name = "",
) -> str:
    """How the figure is made, and the traced tables, or why there are none: the inside of the page."""
    try:
        found = trace_of(context.lake.home, table, where, column, limit)
        formula = formula_of(read_dashboard(DASHBOARD), widget, field) if widget else None
        if formula and formula.table != table:
            formula = None
        made = _made(context, formula, where) if formula and formula.aggregate else {}
    except UserError as error:
        return context.pages.render("problem", message=str(error))
    traced = list(with_those_behind(found))
    return context.pages.render("trace_tables", traced=traced, formula=formula, made=made, where=where)


def _made(context: Context, formula: Formula, where: str) -> dict[str, Any]:
    """The `value` of a formula over the rows that meet a condition which a trace has checked, and their number."""
    table = ".".join(map(quoted, formula.table.split(".")))
    # The condition stands on lines of its own: a comment at its end takes nothing else away.
    rows = f"FROM {table} WHERE (\n{where or 'true'}\n)"
    query = f"SELECT {formula.aggregate} AS `value`, COUNT(*) AS `rows` {rows}"
    [made] = context.lake.sql.query(query).rows.to_pylist()
    return made
