"""Vega-Lite as SVG, drawn on the server: a page needs no script of others, and an export works without network.

Colours are names of the style sheet's: a chart is light or dark with its page.
"""

import json
from functools import lru_cache
from typing import Any

COLOURS = [f"var(--c{number})" for number in range(1, 9)]
CONFIG = {
    "background": "transparent",
    "font": "inherit",
    "view": {"stroke": None},
    "range": {"category": COLOURS},
    "mark": {"color": COLOURS[0]},
    "arc": {"stroke": "var(--surface)"},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 180,
    },
    "legend": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "titleFontWeight": "normal",
        "symbolType": "circle",
    },
}


def svg_of(spec: dict[str, Any]) -> str:
    """The SVG of a Vega-Lite specification, whose texts Vega escapes; the first call takes a second."""
    return _drawn(json.dumps(spec | {"config": CONFIG}, sort_keys=True))


@lru_cache(maxsize=256)
def _drawn(spec: str) -> str:
    import vl_convert

    # Nothing is fetched: data stands in the specification.
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
