"""Where a figure comes from: the rows behind it, table by table, down to the lines of the files."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lakehouse.page.reading.traced import trace_of, with_those_behind
from lakehouse.page.views.view import Here

router = APIRouter()
MOST = 20
Limit = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/trace", response_class=HTMLResponse)
def trace_page(context: Here, table: str = "", where: str = "", limit: Limit = MOST) -> str:
    """The page, into which the trace comes when it is made."""
    tables = [one.name for one in context.lake.written]
    return context.page("trace", tables=tables, table=table, where=where, limit=limit)


@router.get("/trace/behind", response_class=HTMLResponse)
def trace_behind(context: Here, table: str, where: str = "", limit: Limit = MOST) -> str:
    """The traced tables: the inside of the page."""
    found = trace_of(context.lake.home, table, where, limit)
    return context.pages.render("trace_tables", traced=list(with_those_behind(found)))
