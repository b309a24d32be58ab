"""A dashboard as its file has it. No schema of the format is published: what is read is what dashboards hold.

What is not understood is kept to be told in its place: a widget's kind, never a reason to show no dashboard.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError

FILTERS = ("filter-single-select", "filter-multi-select", "filter-date-range-picker")
TEXT = "text"


@dataclass(frozen=True)
class DashboardParameter:
    """A value that a dataset's SQL names as `:keyword`, with what it is when nobody chooses."""

    keyword: str
    title: str
    type: str
    default: str


@dataclass(frozen=True)
class DashboardDataset:
    """A query that widgets ask."""

    name: str
    title: str
    sql: str
    parameters: tuple[DashboardParameter, ...]


@dataclass(frozen=True)
class DashboardField:
    """A column of a widget's query, by the name that its encodings use."""

    name: str
    expression: str


@dataclass(frozen=True)
class DashboardOrder:
    """What the rows of a widget's query are sorted by."""

    expression: str
    is_descending: bool


@dataclass(frozen=True)
class WidgetQuery:
    """What a widget asks of a dataset: rows as they are when `disaggregated`, else grouped by what is no aggregate."""

    name: str
    dataset: str
    fields: tuple[DashboardField, ...]
    disaggregated: bool
    parameters: tuple[str, ...]
    orders: tuple[DashboardOrder, ...] = ()


@dataclass(frozen=True)
class Widget:
    """A part of a page: `kind` is its widgetType, or text; `x` and `width` count six columns, `y` and `height` rows."""

    name: str
    kind: str
    title: str
    queries: tuple[WidgetQuery, ...]
    encodings: Mapping[str, Any]
    mark: Mapping[str, Any]
    text: str
    x: int
    y: int
    width: int
    height: int

    @property
    def is_filter(self) -> bool:
        """Whether it chooses what the others show."""
        return self.kind in FILTERS

    def field_names(self) -> list[str]:
        """The names that its encodings use of its query's fields."""
        return [one["fieldName"] for one in _encoded(self.encodings) if "fieldName" in one]

    def titles(self) -> list[str]:
        """What a reader sees in the place of each of the `field_names`."""
        return [field_title(one) for one in _encoded(self.encodings) if "fieldName" in one]


@dataclass(frozen=True)
class DashboardPage:
    """A page: its widgets from top to bottom, from left to right."""

    name: str
    title: str
    widgets: tuple[Widget, ...]

    def widget(self, name: str) -> Widget:
        """The widget of a name; UserError where there is none."""
        found = next((one for one in self.widgets if one.name == name), None)
        if found is None:
            raise UserError(f"the page {self.title} has no widget {name}")
        return found


@dataclass(frozen=True)
class Dashboard:
    """A dashboard with its datasets by name."""

    datasets: Mapping[str, DashboardDataset]
    pages: tuple[DashboardPage, ...]

    def page(self, name: str) -> DashboardPage:
        """The page of a name, the first without one; UserError where there is none."""
        found = next((one for one in self.pages if one.name == name or not name), None)
        if found is None:
            raise UserError(
                f"the dashboard has no page {name}; it has: {', '.join(p.name for p in self.pages)}"
            )
        return found


def field_title(encoding: Mapping[str, Any]) -> str:
    """What an encoding calls its field."""
    return encoding.get("axis", {}).get("title") or encoding.get("displayName") or encoding["fieldName"]


def read_dashboard(path: Path) -> Dashboard:
    """The dashboard in a file; UserError, with the file, for what is none."""
    try:
        return parsed_dashboard(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is no dashboard: {type(error).__name__}: {error}") from None


def parsed_dashboard(document: Mapping[str, Any]) -> Dashboard:
    """The dashboard of a document; KeyError, TypeError or AttributeError for one that lacks its parts."""
    datasets = [_dataset(one) for one in document["datasets"]]
    pages = [
        DashboardPage(
            one["name"],
            one.get("displayName", one["name"]),
            tuple(sorted(map(_widget, one.get("layout", ())), key=lambda widget: (widget.y, widget.x))),
        )
        for one in document["pages"]
    ]
    return Dashboard({one.name: one for one in datasets}, tuple(pages))


def _dataset(one: Mapping[str, Any]) -> DashboardDataset:
    sql = "".join(one["queryLines"]) if "queryLines" in one else one["query"]
    parameters = tuple(_parameter(each) for each in one.get("parameters", ()))
    return DashboardDataset(one["name"], one.get("displayName", one["name"]), sql, parameters)


def _parameter(one: Mapping[str, Any]) -> DashboardParameter:
    values = one.get("defaultSelection", {}).get("values", {}).get("values", [])
    default = str(values[0]["value"]) if values else ""
    return DashboardParameter(
        one["keyword"], one.get("displayName", one["keyword"]), one.get("dataType", "STRING"), default
    )


def _widget(placed: Mapping[str, Any]) -> Widget:
    one, at = placed["widget"], placed["position"]
    spec = one.get("spec", {})
    lines = one.get("multilineTextboxSpec", {}).get("lines", ())
    text = one.get("textbox_spec", "".join(lines))
    frame = spec.get("frame", {})
    return Widget(
        name=one["name"],
        kind=TEXT if text else spec.get("widgetType", "unknown"),
        title=frame.get("title", "") if frame.get("showTitle", True) else "",
        queries=tuple(_query(each) for each in one.get("queries", ())),
        encodings=spec.get("encodings", {}),
        mark=spec.get("mark", {}),
        text=text,
        x=at["x"],
        y=at["y"],
        width=at["width"],
        height=at["height"],
    )


def _query(named: Mapping[str, Any]) -> WidgetQuery:
    query = named["query"]
    return WidgetQuery(
        named["name"],
        query["datasetName"],
        tuple(DashboardField(each["name"], each["expression"]) for each in query.get("fields", ())),
        bool(query.get("disaggregated")),
        tuple(each["keyword"] for each in query.get("parameters", ())),
        tuple(
            DashboardOrder(each["expression"], each.get("direction") == "DESC")
            for each in query.get("orders", ())
        ),
    )


def _encoded(encodings: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The single encodings: a channel may have one, or a list of fields or columns."""
    found: list[Mapping[str, Any]] = []
    for channel in encodings.values():
        for one in channel if isinstance(channel, list) else [channel]:
            found += one.get("fields", [one])
    return found
