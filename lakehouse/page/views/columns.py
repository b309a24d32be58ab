"""Columns: what each is made of, and what breaks if it goes."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lakehouse.page.reading.lineage import TracedLake
from lakehouse.page.views.view import Context, Here

router = APIRouter()


def content(context: Context) -> dict[str, Any]:
    """What the template shows of all tables."""
    return TracedLake.of(context.lake).all_tables()


def pages_of_columns(context: Context) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The page of each table and of each column: template, names of table and column, and what it shows."""
    traced = TracedLake.of(context.lake)
    for name in {**traced.datasets, **traced.lineage.outside}:
        table = traced.table(name)
        yield "columns_of_table", name, "", traced.lines(table)
        for column in table.columns:
            yield "column", name, column.name, traced.column(table, column.name)


@router.get("/columns", response_class=HTMLResponse)
def columns(context: Here) -> str:
    """The page of all tables."""
    return context.page("columns", **content(context))


@router.get("/columns/{name:path}", response_class=HTMLResponse)
def columns_of(context: Here, name: str, column: str = "") -> str:
    """The page of a table or of files, or of one of their columns."""
    traced = TracedLake.of(context.lake)
    table = traced.table(name)
    if column:
        return context.page("column", **traced.column(table, column))
    return context.page("columns_of_table", **traced.lines(table))
