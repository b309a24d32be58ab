"""The figures: the dashboard of dashboards/olist.lvdash.json, drawn over the tables of this home."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from common.checkout import REPOSITORY
from common.errors import UserError
from lakehouse.dashboards.asking import ASSOCIATIVE, Choice, field_sql, options_of, sql_of
from lakehouse.dashboards.charts import chart, left_out, why_not
from lakehouse.dashboards.drawing import svg_of
from lakehouse.dashboards.figure_origins import FigureOrigin, figure_origin, tables_asked
from lakehouse.dashboards.links import MARK_A_ROW, linked, numbered, with_links
from lakehouse.dashboards.model import TEXT, Dashboard, DashboardPage, Widget, read_dashboard
from lakehouse.dashboards.periods import period_format
from lakehouse.page.drawing.words import short
from lakehouse.page.reading.traced import CellOrigins
from lakehouse.page.rendering import to_server
from lakehouse.page.views.view import Context, Here

router = APIRouter()
DASHBOARD = REPOSITORY / "dashboards" / "olist.lvdash.json"
# What a filter's values are called in an address.
CHOSEN = "f."
TABLE_ROWS = 200


@dataclass(frozen=True)
class Shown:
    """What stands in a widget's place: by its kind a number, a picture, rows, or why there is nothing.

    `origins` say where its values come from; `look_at` names the tables that it asks where that cannot be told.
    """

    widget: Widget
    value: str = ""
    svg: Markup = field(default_factory=Markup)
    narrow_svg: Markup = field(default_factory=Markup)
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    default: str = ""
    problem: str = ""
    more: int = 0
    origins: CellOrigins | None = None
    look_at: list[str] = field(default_factory=list)


def content(context: Context) -> dict[str, Any]:
    """What an export shows: every page, with all of its widgets."""
    dashboard = read_dashboard(DASHBOARD)
    pages = [
        (
            page,
            [
                shown_widget(context, dashboard, page, widget, Choice())
                for widget in page.widgets
                if not widget.is_filter
            ],
        )
        for page in dashboard.pages
    ]
    return {"pages": pages}


def shown_widget(
    context: Context, dashboard: Dashboard, page: DashboardPage, widget: Widget, choice: Choice
) -> Shown:
    """A widget over its rows; what cannot be shown says why."""
    if widget.kind == TEXT:
        return Shown(widget)
    try:
        if widget.is_filter:
            return _filter(context, dashboard, widget, choice)
        return _drawn(context, dashboard, page, widget, choice)
    except UserError as error:
        return Shown(widget, problem=str(error))


def _drawn(
    context: Context, dashboard: Dashboard, page: DashboardPage, widget: Widget, choice: Choice
) -> Shown:
    is_chart = widget.kind not in {"counter", "table"}
    problem = why_not(widget) if is_chart else ""
    if problem or not widget.queries:
        return Shown(widget, problem=problem or "this widget asks nothing")
    query = widget.queries[0]
    rows = context.lake.answer(sql_of(dashboard, page, query, choice)).rows.to_pylist()
    if context.pages.exported:
        return _shown(widget, rows, None)
    origin = figure_origin(dashboard, page, query, choice)
    if origin is None:
        return replace(_shown(widget, rows, None), look_at=tables_asked(dashboard, query))
    return _shown(widget, rows, _origins(context, widget, origin, rows) if rows else None)


def _shown(widget: Widget, rows: list[dict[str, Any]], origins: CellOrigins | None) -> Shown:
    if widget.kind == "counter":
        return Shown(widget, value=_counted(widget, rows), origins=origins)
    if widget.kind == "table":
        return _table(widget, rows, origins)
    if not rows:
        return Shown(widget)
    return Shown(
        widget,
        svg=Markup(_picture(widget, rows, origins)),  # noqa: S704 - Vega and `linked` escape what they write
        narrow_svg=Markup(_picture(widget, rows, origins, narrow=True)),  # noqa: S704
        columns=widget.titles(),
        rows=_cells(widget, rows, widget.field_names()),
        more=left_out(widget, rows),
        origins=origins,
    )


def _picture(
    widget: Widget, rows: list[dict[str, Any]], origins: CellOrigins | None, *, narrow: bool = False
) -> str:
    """The chart; its marks lead to where they come from, of what is grouped to that of the value."""
    if origins is None or widget.kind not in MARK_A_ROW:
        return svg_of(chart(widget, rows, narrow=narrow))
    field = _marked(widget)
    column = dict(zip(origins.fields, origins.columns, strict=True)).get(field, "")
    addresses = [
        to_server("trace", table=origins.table, where=where, column=column, widget=widget.name, field=field)
        for where in origins.wheres
    ]
    return linked(svg_of(with_links(chart(widget, numbered(rows), narrow=narrow))), addresses)


def _marked(widget: Widget) -> str:
    """The field whose value a mark is; none where a mark is a row as it stands."""
    asked = [one for one in widget.queries[0].fields if ASSOCIATIVE not in one.expression]
    aggregates = {one.name for one in asked if field_sql(one.expression)[1]}
    return next((name for name in widget.field_names() if name in aggregates), "")


def _origins(
    context: Context, widget: Widget, origin: FigureOrigin, rows: list[dict[str, Any]]
) -> CellOrigins:
    """Where the values that a widget shows come from."""
    declared = context.lake.declared(origin.table)
    keys = declared.keys if declared else ()
    made_of = {name: "" if column in keys else column for name, column in origin.columns.items()}
    wheres = [origin.where(row, keys) for row in rows]
    fields = _fields(widget)
    columns = [made_of.get(name, "") for name in fields]
    return CellOrigins(origin.table, wheres, columns, widget.name, fields)


def _fields(widget: Widget) -> list[str]:
    """The fields of the query that are shown, in their order."""
    if widget.kind == "table":
        return [one["fieldName"] for one in _visible(widget)]
    return widget.field_names()


def _visible(widget: Widget) -> list[dict[str, Any]]:
    return [one for one in widget.encodings["columns"] if one.get("visible", True)]


def _counted(widget: Widget, rows: list[dict[str, Any]]) -> str:
    encoding = widget.encodings["value"]
    value = rows[0][encoding["fieldName"]] if rows else None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if value is None:
        return short(None)
    currency = encoding.get("format", {}).get("currencyCode", "")
    return f"{currency} {short(value)}".strip()


def _table(widget: Widget, rows: list[dict[str, Any]], origins: CellOrigins | None) -> Shown:
    columns = _visible(widget)
    return Shown(
        widget,
        columns=[one.get("title") or one["fieldName"] for one in columns],
        rows=_cells(widget, rows, [one["fieldName"] for one in columns]),
        more=max(0, len(rows) - TABLE_ROWS),
        origins=origins,
    )


def _cells(widget: Widget, rows: list[dict[str, Any]], names: list[str]) -> list[tuple[Any, ...]]:
    asked = {one.name: one.expression for query in widget.queries for one in query.fields}
    forms = {name: period_format(asked[name]) for name in names}
    return [tuple(_written(row[name], forms[name]) for name in names) for row in rows[:TABLE_ROWS]]


def _written(value: Any, form: str) -> Any:
    return f"{value:{form}}" if form and value is not None else value


def _filter(context: Context, dashboard: Dashboard, widget: Widget, choice: Choice) -> Shown:
    chosen = choice.of(widget)
    options = options_of(dashboard, widget)
    if options.parameter or widget.kind == "filter-date-range-picker":
        return Shown(widget, chosen=chosen, default=options.default)
    values = context.lake.answer(options.sql).rows["value"].to_pylist()
    return Shown(widget, options=[value for value in values if value is not None], chosen=chosen)


def _choice(request: Request) -> Choice:
    found: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        if key.startswith(CHOSEN):
            found.setdefault(key.removeprefix(CHOSEN), []).append(value)
    return Choice(found)


@router.get("/figures", response_class=HTMLResponse)
def figures(context: Here, request: Request, page: str = "") -> str:
    """A page of the dashboard; its widgets come one after another, since they ask an engine."""
    dashboard = read_dashboard(DASHBOARD)
    return context.page(
        "figures",
        pages=dashboard.pages,
        page=dashboard.page(page),
        choice=_choice(request),
        query=request.url.query,
        is_written=bool(context.lake.written),
    )


@router.get("/figures/{page}/{widget}", response_class=HTMLResponse)
def one_widget(context: Here, request: Request, page: str, widget: str) -> str:
    """The inside of a widget."""
    dashboard = read_dashboard(DASHBOARD)
    of = dashboard.page(page)
    found = shown_widget(context, dashboard, of, of.widget(widget), _choice(request))
    return context.pages.render("widget", shown=found)
