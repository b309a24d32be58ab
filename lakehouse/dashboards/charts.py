"""Widgets as Vega-Lite: https://vega.github.io/vega-lite/docs/"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lakehouse.dashboards.model import Widget, field_title

MARKS = {"bar": "bar", "line": "line", "area": "area", "scatter": "point", "pie": "arc"}
TYPES = {
    "quantitative": "quantitative",
    "temporal": "temporal",
    "categorical": "nominal",
    "ordinal": "ordinal",
}
_ON_AXES = {"x": "x", "y": "y", "color": "color"}
CHANNELS = {
    "pie": {"angle": "theta", "color": "color"},
    "bar": _ON_AXES,
    "line": _ON_AXES,
    "area": _ON_AXES,
    "scatter": _ON_AXES,
}
SORTS = {"x": "x", "y": "y", "x-reversed": "-x", "y-reversed": "-y"}
COLUMN, ROW = 210, 52
# A telephone's width without the margins, and the least height of a bar with its label.
NARROW, BAR = 330, 16
# The longest names of a legend that has two columns there.
SHORT_LABEL = 14
# More bars than can be read.
MOST_CATEGORIES = 40
# One unit for a whole axis makes 0 to 0k, and a half to 500m.
AXIS_LABEL = "abs(datum.value) < 1000 ? format(datum.value, '~g') : datum.label"
Row = Mapping[str, Any]


def why_not(widget: Widget) -> str:
    """Why a widget cannot be drawn; empty where it can."""
    if widget.kind not in MARKS:
        return f"this page does not draw widgets of the type {widget.kind}"
    channels = CHANNELS[widget.kind]
    unknown = [name for name in widget.encodings if name not in channels and name != "label"]
    if unknown:
        return f"this page does not draw the encoding {unknown[0]} of a {widget.kind}"
    several = [name for name, one in widget.encodings.items() if len(one.get("fields", ())) > 1]
    return f"this page draws one field of the encoding {several[0]}, not several" if several else ""


def chart(widget: Widget, rows: Sequence[Row], *, narrow: bool = False) -> dict[str, Any]:
    """The Vega-Lite specification of a widget over the rows of its query; `narrow` for the screen of a telephone."""
    encoding = {
        channel: _channel(widget, name)
        for name, channel in CHANNELS[widget.kind].items()
        if name in widget.encodings
    }
    shown = _few(widget, rows)
    spec: dict[str, Any] = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": NARROW if narrow else widget.width * COLUMN - 90,
        "height": _height(widget, encoding, shown),
        "data": {"values": [{key: _plain(value) for key, value in row.items()} for row in shown]},
        "mark": _mark(widget, shown),
        "encoding": encoding,
    }
    if widget.mark.get("layout") == "group" and "color" in encoding:
        encoding["xOffset"] = {"field": encoding["color"]["field"]}
    if narrow:
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
        if "color" in encoding:
            field = widget.encodings["color"]["fieldName"]
            columns = 2 if all(len(str(row[field])) <= SHORT_LABEL for row in shown) else 1
            encoding["color"]["legend"] = {"orient": "bottom", "columns": columns}
    if widget.kind == "pie":
        encoding["order"] = {"field": encoding["theta"]["field"], "sort": "descending"}
    if widget.kind == "pie" and "color" in encoding:
        # The legend names the slices in their order.
        encoding["color"]["sort"] = {"field": encoding["theta"]["field"], "order": "descending"}
    return spec


def left_out(widget: Widget, rows: Sequence[Row]) -> int:
    """How many rows are not drawn, since no reader could tell them apart."""
    return len(rows) - len(_few(widget, rows))


def _height(widget: Widget, encoding: Mapping[str, Any], rows: Sequence[Row]) -> int | dict[str, int]:
    """The widget's height, unless its lines of labels need more."""
    height = widget.height * ROW
    if encoding.get("y", {}).get("type") not in {"nominal", "ordinal"}:
        return height
    field = widget.encodings["y"]["fieldName"]
    return {"step": BAR} if len({row[field] for row in rows}) * BAR > height else height


def _mark(widget: Widget, rows: Sequence[Row]) -> dict[str, Any]:
    mark: dict[str, Any] = {"type": MARKS[widget.kind], "tooltip": True}
    if widget.kind == "pie":
        mark |= {"innerRadius": 55, "padAngle": 0.015}
    if widget.kind == "bar":
        mark |= {"cornerRadiusEnd": 2}
    if widget.kind == "area":
        mark |= {"line": True, "fillOpacity": 0.35}
    if (
        widget.kind in {"line", "area"}
        and len({row[widget.encodings["x"]["fieldName"]] for row in rows}) == 1
    ):
        # A line needs two.
        mark |= {"point": {"filled": True, "size": 70}}
    if widget.kind == "scatter":
        mark |= {"filled": True, "size": 70, "opacity": 0.8}
    return mark


def _channel(widget: Widget, name: str) -> dict[str, Any]:
    one = widget.encodings[name]
    one = one.get("fields", [one])[0]
    kind = TYPES.get(widget.encodings[name].get("scale", {}).get("type", ""), "nominal")
    # A point in a name would lead into an object.
    channel: dict[str, Any] = {"field": _escaped(one["fieldName"]), "type": kind, "title": field_title(one)}
    if kind == "quantitative" and name in {"x", "y"}:
        channel["axis"] = {"format": "~s", "labelExpr": AXIS_LABEL}
    by = one.get("scale", {}).get("sort", {}).get("by")
    if by in SORTS:
        channel["sort"] = SORTS[by]
    return channel


def _few(widget: Widget, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows that are drawn: of many sorted categories the first."""
    axes = [(name, widget.encodings.get(name, {})) for name in ("x", "y")]
    sorted_ = [(name, one) for name, one in axes if one.get("scale", {}).get("sort", {}).get("by") in SORTS]
    if widget.kind != "bar" or "color" in widget.encodings or not sorted_ or len(rows) <= MOST_CATEGORIES:
        return rows
    [(_, one), *_] = sorted_
    by = one["scale"]["sort"]["by"]
    other = widget.encodings[by[0]]["fieldName"]
    known = [row for row in rows if row[other] is not None]
    return sorted(known, key=lambda row: row[other], reverse=by.endswith("-reversed"))[:MOST_CATEGORIES]


def _escaped(field: str) -> str:
    return "".join(f"\\{sign}" if sign in ".[]\\'\"" else sign for sign in field)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    # A date alone would be taken for UTC, and shown as the day before in the west.
    return f"{value.isoformat()}T00:00:00" if isinstance(value, date) else value
