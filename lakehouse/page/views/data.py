"""The rows of any table: sorted, filtered, a page at a time, with the profile of a column."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from lakehouse.page.reading.column_facts import column_facts
from lakehouse.page.reading.profile import profile
from lakehouse.page.reading.rows import Order, rows_page
from lakehouse.page.reading.traced import cell_origins
from lakehouse.page.views.view import Context, Here

router = APIRouter()
ROWS = 100
# What a filter of a column is called in an address: `where.price=>= 10`.
WHERE = "where."


def content(context: Context) -> dict[str, Any]:
    """The tables that there are."""
    return {"tables": context.lake.written}


@router.get("/data", response_class=HTMLResponse)
def data(context: Here) -> str:
    """The page of all tables."""
    return context.page("data", **content(context))


@router.get("/data/{name}", response_class=HTMLResponse)
def rows(
    context: Here,
    request: Request,
    name: str,
    sort: str = "",
    descending: bool = False,
    page: Annotated[int, Query(ge=1)] = 1,
) -> str:
    """The page of one table."""
    table = context.lake.table(name)
    filters = {
        key.removeprefix(WHERE): text
        for key, text in request.query_params.items()
        if key.startswith(WHERE) and text
    }
    order = Order(sort, descending) if sort else None
    found = rows_page(table, filters, order, (page - 1) * ROWS, ROWS)
    columns = column_facts(context.lake, name)
    return context.page(
        "rows",
        dataset=context.lake.dataset(name),
        columns={column.name: column for column in columns},
        found=found,
        origins=cell_origins(name, found, columns),
        filters=filters,
        given={f"{WHERE}{key}": text for key, text in filters.items()},
        sort=sort,
        descending=descending,
        page=page,
        pages=max(1, -(-found.total // ROWS)),
        first=(page - 1) * ROWS + 1,
    )


@router.get("/data/{name}/profile/{column:path}", response_class=HTMLResponse)
def column_profile(context: Here, name: str, column: str) -> str:
    """What the values of a column are: the inside of a panel."""
    return context.pages.render("profile", dataset=name, profile=profile(context.lake.table(name), column))
