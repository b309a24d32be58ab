"""The SQL box: a query, its rows, and these as CSV."""

import csv
import io
import time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from common.errors import UserError
from lakehouse.page.reading.column_facts import column_facts
from lakehouse.page.reading.sql import AT_MOST
from lakehouse.page.views.view import Context, Here

router = APIRouter()
SHOWN = 500
FIRST = "select * from gold.sales_performance order by total_revenue desc"
CSV_ROWS = 1_000_000


def _words(context: Context) -> list[str]:
    """What the box completes: tables, and columns of each."""
    lake = context.lake
    tables = [one.name for one in lake.written]
    columns = {column.name for name in tables for column in column_facts(lake, name)}
    return [*tables, *sorted(columns)]


@router.get("/sql", response_class=HTMLResponse)
def sql(context: Here, query: str = "") -> str:
    """The page, with the query's rows where one is given."""
    given: dict[str, Any] = {"columns": [], "rows": [], "problem": "", "seconds": None, "cut": 0, "count": 0}
    if query.strip():
        began = time.monotonic()
        try:
            answer = context.lake.sql.query(query)
        except UserError as error:
            given["problem"] = str(error)
        else:
            rows = answer.rows
            given |= {
                "columns": rows.column_names,
                "rows": list(zip(*(one.to_pylist() for one in rows.slice(0, SHOWN).columns), strict=True)),
                "count": rows.num_rows,
                "cut": AT_MOST if answer.is_cut else 0,
            }
        given["seconds"] = time.monotonic() - began
    return context.page("sql", query=query, example=FIRST, words=_words(context), shown=SHOWN, **given)


@router.get("/sql.csv")
def as_csv(context: Here, query: str) -> Response:
    """The rows of a query as a file."""
    answer = context.lake.sql.query(query, CSV_ROWS)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(answer.rows.column_names)
    writer.writerows(zip(*(one.to_pylist() for one in answer.rows.columns), strict=True))
    headers = {"content-disposition": 'attachment; filename="rows.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)
