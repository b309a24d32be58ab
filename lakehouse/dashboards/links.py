"""Marks of a chart as links: each to the address that belongs to its row."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

# Charts in which each row has a mark of its own; a line or an area is one mark of many rows.
MARK_A_ROW = {"bar", "pie", "scatter"}
# Vega completes an address that is none of the web, so a row's stands for the one that is put in its place.
_FIELD, _PLACE = "__origin", "https://row.invalid/"
_LABEL = re.compile(rf"; {_FIELD}: {re.escape(_PLACE)}\d+")
_LINK = re.compile(rf'<a xlink:href="{re.escape(_PLACE)}(\d+)"><path aria-label="([^"]*)"')


def numbered(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with its number."""
    return [{**row, _FIELD: f"{_PLACE}{number}"} for number, row in enumerate(rows)]


def with_links(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A specification over numbered rows whose marks are links."""
    href = {"field": _FIELD, "type": "nominal"}
    return {**spec, "encoding": {**spec["encoding"], "href": href}}


def linked(svg: str, addresses: Sequence[str]) -> str:
    """The picture with each link to its row's address, called like its mark."""

    def link(found: re.Match[str]) -> str:
        address = escape(addresses[int(found[1])])
        return f'<a href="{address}" aria-label="{found[2]}"><path aria-label="{found[2]}"'

    return _LINK.sub(link, _LABEL.sub("", svg))
