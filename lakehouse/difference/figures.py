"""The dashboard's charts before and after, where they differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.home import Home
from lakehouse.dashboards.asking import Choice, sql_of
from lakehouse.dashboards.charts import chart, why_not
from lakehouse.dashboards.drawing import svg_of
from lakehouse.dashboards.model import Dashboard, DashboardPage, Widget, read_dashboard
from lakehouse.difference.report import ChartChange
from local.engine.running.querying import query


def changed_charts(folder: Path, before: Home, after: Home) -> list[ChartChange]:
    """The charts of the dashboards in a folder, over two homes; none where there is no dashboard."""
    return [
        ChartChange(f"{page.title}: {widget.title}", *(svg_of(chart(widget, rows)) for rows in both))
        for dashboard in map(read_dashboard, sorted(folder.glob("*.lvdash.json")))
        for page in dashboard.pages
        for widget in page.widgets
        if widget.queries and not widget.is_filter and not why_not(widget)
        for both in _differing(dashboard, page, widget, before, after)
    ]


def _differing(
    dashboard: Dashboard, page: DashboardPage, widget: Widget, before: Home, after: Home
) -> Iterator[list[list[dict[str, Any]]]]:
    """The rows of both sides, when they differ; nothing where a side lacks what the chart shows."""
    sql = sql_of(dashboard, page, widget.queries[0], Choice())
    try:
        both = [query(home, sql)[0].as_dicts() for home in (before, after)]
    except UserError:
        return
    if sorted(map(repr, both[0])) != sorted(map(repr, both[1])):
        yield both
