"""The figures: the dashboard of dashboards/olist.lvdash.json, drawn over the tables of this home."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from common.checkout import REPOSITORY
from common.errors import UserError
from lakehouse.dashboards.asking import Choice, options_of, sql_of
from lakehouse.dashboards.charts import chart, left_out, why_not
from lakehouse.dashboards.drawing import svg_of
from lakehouse.dashboards.model import TEXT, Dashboard, DashboardPage, Widget, read_dashboard
from lakehouse.page.drawing.words import short
from lakehouse.page.views.view import Context, Here

router = APIRouter()
DASHBOARD = REPOSITORY / "dashboards" / "olist.lvdash.json"
# What a filter's values are called in an address.
CHOSEN = "f."
TABLE_ROWS = 200


@dataclass(frozen=True)
class Shown:
    """What stands in a widget's place: by its kind a number, a picture, rows, or why there is nothing."""

    widget: Widget
    value: str = ""
    svg: Markup = field(default_factory=Markup)
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    default: str = ""
    problem: str = ""
    more: int = 0


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
    answer = context.lake.answer(sql_of(dashboard, page, widget.queries[0], choice))
    rows = answer.rows.to_pylist()
    if widget.kind == "counter":
        return Shown(widget, value=_counted(widget, rows))
    if widget.kind == "table":
        return _table(widget, rows)
    encoded = widget.field_names()
    return Shown(
        widget,
        svg=Markup(svg_of(chart(widget, rows))),  # noqa: S704 - Vega escapes what it writes
        columns=encoded,
        rows=[tuple(row[name] for name in encoded) for row in rows[:TABLE_ROWS]],
        more=left_out(widget, rows),
    )


def _counted(widget: Widget, rows: list[dict[str, Any]]) -> str:
    encoding = widget.encodings["value"]
    value = rows[0][encoding["fieldName"]] if rows else None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    currency = encoding.get("format", {}).get("currencyCode", "")
    return f"{currency} {short(value)}".strip()


def _table(widget: Widget, rows: list[dict[str, Any]]) -> Shown:
    columns = [one for one in widget.encodings["columns"] if one.get("visible", True)]
    return Shown(
        widget,
        columns=[one.get("title") or one["fieldName"] for one in columns],
        rows=[tuple(row[one["fieldName"]] for one in columns) for row in rows[:TABLE_ROWS]],
        more=max(0, len(rows) - TABLE_ROWS),
    )


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
