"""Dashboards of others are read; what cannot be drawn says so; choices are values, never SQL."""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from lakehouse.dashboards.asking import Choice, source_of, sql_of
from lakehouse.dashboards.charts import MOST_CATEGORIES, chart, left_out, why_not
from lakehouse.dashboards.drawing import svg_of
from lakehouse.dashboards.model import Dashboard, DashboardOrder, Widget, parsed_dashboard, read_dashboard
from lakehouse.dashboards.periods import period_format


def dashboard(kind: str = "bar", encodings: dict[str, Any] | None = None, **spec: Any) -> Dashboard:
    """One dataset with a parameter, and one widget of a kind."""
    x = {"fieldName": "word", "scale": {"type": "categorical", "sort": {"by": "y-reversed"}}}
    y = {"fieldName": "count(*)", "scale": {"type": "quantitative"}}
    widget = {
        "name": "w",
        "queries": [
            {
                "name": "main_query",
                "query": {
                    "datasetName": "d",
                    "fields": [
                        {"name": "word", "expression": "`word`"},
                        {"name": "count(*)", "expression": "COUNT(`*`)"},
                    ],
                    "disaggregated": False,
                },
            }
        ],
        "spec": {"widgetType": kind, "encodings": encodings or {"x": x, "y": y}, **spec},
    }
    place = {"x": 0, "y": 0, "width": 3, "height": 4}
    parameters = [
        {
            "keyword": "least",
            "dataType": "INTEGER",
            "defaultSelection": {"values": {"values": [{"value": "3"}]}},
        }
    ]
    return parsed_dashboard(
        {
            "datasets": [
                {"name": "d", "query": "SELECT word FROM t WHERE n >= :least", "parameters": parameters}
            ],
            "pages": [{"name": "p", "layout": [{"widget": widget, "position": place}]}],
        }
    )


def widget_of(board: Dashboard) -> Widget:
    return board.pages[0].widgets[0]


def test_a_query_groups_by_what_is_no_aggregate() -> None:
    board = dashboard()
    sql = sql_of(board, board.pages[0], widget_of(board).queries[0], Choice())
    assert sql == (
        "SELECT `word` AS `word`, COUNT(*) AS `count(*)` FROM (SELECT word FROM t WHERE n >= 3) AS `dataset` "
        "GROUP BY `word`"
    )


def test_rows_come_in_the_order_that_a_query_names() -> None:
    board = dashboard()
    ordered = replace(
        widget_of(board).queries[0],
        orders=(
            DashboardOrder("COUNT(`*`)", is_descending=True),
            DashboardOrder("`word`", is_descending=False),
        ),
    )
    sql = sql_of(board, board.pages[0], ordered, Choice())
    assert sql.endswith("GROUP BY `word` ORDER BY COUNT(*) DESC, `word`")


def test_a_parameter_that_is_no_value_of_its_type_is_refused() -> None:
    board = dashboard()
    dataset = board.datasets["d"]
    assert source_of(dataset).endswith(">= 3")
    object.__setattr__(dataset.parameters[0], "default", "3; drop table t")
    with pytest.raises(UserError, match="no value of the type INTEGER"):
        source_of(dataset)


@pytest.mark.parametrize("kind", ["pivot", "heatmap", "sankey", "unknown"])
def test_a_kind_that_is_not_drawn_is_named(kind: str) -> None:
    assert kind in why_not(widget_of(dashboard(kind)))


def test_an_encoding_that_is_not_drawn_is_named() -> None:
    word = {"fieldName": "word", "scale": {"type": "categorical"}}
    assert "size" in why_not(widget_of(dashboard("scatter", {"x": word, "size": word})))
    assert "several" in why_not(widget_of(dashboard("bar", {"x": word, "y": {"fields": [word, word]}})))


def test_hostile_values_are_text_in_the_picture() -> None:
    rows = [{"word": "<script>alert(1)</script>\"'&", "count(*)": 3}, {"word": None, "count(*)": 1}]
    svg = svg_of(chart(widget_of(dashboard()), rows))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "style=" not in svg
    assert "var(--c1)" in svg


def test_many_categories_are_cut_and_counted() -> None:
    rows = [{"word": str(number), "count(*)": number} for number in range(100)]
    widget = widget_of(dashboard())
    assert left_out(widget, rows) == 100 - MOST_CATEGORIES
    assert chart(widget, rows)["data"]["values"][0]["count(*)"] == 99


def texts_of(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0.4, {"0", "0.1", "0.2", "0.4"}),
        (40, {"0", "10", "20", "40"}),
        (4_000, {"0", "500", "1k", "4k"}),
        (1_500_000, {"0", "0.2M", "1M"}),
    ],
)
def test_an_axis_has_a_unit_where_its_numbers_need_one(most: float, labels: set[str]) -> None:
    svg = svg_of(chart(widget_of(dashboard()), [{"word": "a", "count(*)": most}]))
    assert labels <= {*texts_of(svg)}


def test_the_legend_of_a_pie_names_the_slices_from_the_largest() -> None:
    slices = {"fieldName": "count(*)", "scale": {"type": "quantitative"}}
    colour = {"fieldName": "word", "scale": {"type": "categorical"}, "displayName": "Word"}
    pie = widget_of(dashboard("pie", {"angle": slices, "color": colour}))
    rows = [{"word": word, "count(*)": number} for word, number in (("a", 1), ("b", 3), ("c", 2))]
    assert texts_of(svg_of(chart(pie, rows))) == ["b", "c", "a", "Word"]
    assert pie.titles() == ["count(*)", "Word"]


@pytest.mark.parametrize("kind", ["line", "area"])
def test_a_single_month_is_a_point(kind: str) -> None:
    x = {"fieldName": "word", "scale": {"type": "temporal"}}
    y = {"fieldName": "count(*)", "scale": {"type": "quantitative"}}
    months = widget_of(dashboard(kind, {"x": x, "y": y}))
    rows = [{"word": datetime(2018, month, 1), "count(*)": month} for month in (3, 4)]
    assert "mark-symbol" in svg_of(chart(months, rows[:1]))
    assert "mark-symbol" not in svg_of(chart(months, rows))


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ('DATE_TRUNC("MONTH", `at`)', "2018-03"),
        ("date_trunc('day', at)", "2018-03-01"),
        ("DATE_TRUNC('HOUR', `at`)", ""),
        ("`at`", ""),
        ("COUNT(`*`)", ""),
    ],
)
def test_a_period_is_written_as_what_it_was_cut_to(expression: str, written: str) -> None:
    form = period_format(expression)
    assert (datetime(2018, 3, 1).strftime(form) if form else "") == written


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"datasets": [{}], "pages": []}', '{"datasets": [], "pages": [1]}']
)
def test_a_file_that_is_no_dashboard_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.lvdash.json"
    file.write_text(text)
    with pytest.raises(UserError, match=r"x\.lvdash\.json is no dashboard"):
        read_dashboard(file)


def test_text_comes_in_both_forms(tmp_path: Path) -> None:
    place = {"x": 0, "y": 0, "width": 6, "height": 1}
    widgets = [
        {"name": "a", "textbox_spec": "# A"},
        {"name": "b", "multilineTextboxSpec": {"lines": ["# B\n", "c"]}},
    ]
    file = tmp_path / "x.lvdash.json"
    layout = [{"widget": one, "position": place} for one in widgets]
    file.write_text(json.dumps({"datasets": [], "pages": [{"name": "p", "layout": layout}]}))
    assert [one.text for one in read_dashboard(file).pages[0].widgets] == ["# A", "# B\nc"]
