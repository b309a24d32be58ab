"""Where a figure comes from: the rows behind it, table by table, down to the lines of the files."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from common.errors import UserError
from lakehouse.page.reading.column_facts import column_facts
from lakehouse.page.reading.lake import LakeDataset
from lakehouse.page.reading.rows import rows_page
from lakehouse.page.reading.traced import cell_origins, trace_of, with_those_behind
from lakehouse.page.views.view import Context, Here

router = APIRouter()
MOST = 20
FIGURES = "gold."
Limit = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/trace", response_class=HTMLResponse)
def trace_page(context: Here, table: str = "", where: str = "", column: str = "", limit: Limit = MOST) -> str:
    """The page, into which the trace comes when it is made; without a table with an example to ask for."""
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
def trace_behind(context: Here, table: str, where: str = "", column: str = "", limit: Limit = MOST) -> str:
    """The traced tables, or why there are none: the inside of the page."""
    try:
        found = trace_of(context.lake.home, table, where, column, limit)
    except UserError as error:
        return context.pages.render("problem", message=str(error))
    return context.pages.render("trace_tables", traced=list(with_those_behind(found)))
