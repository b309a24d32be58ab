"""The graph: every dataset in its layer, with its state."""

from collections import Counter
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from lakehouse.page.drawing.layout import HEIGHT, WIDTH, laid_out
from lakehouse.page.views.view import Context, Here

router = APIRouter()


def content(context: Context) -> dict[str, Any]:
    """What the template shows."""
    datasets = context.lake.datasets
    return {
        "datasets": datasets,
        "states": Counter(each.state for each in datasets.values()),
        "picture": laid_out({name: each.sources for name, each in datasets.items()}),
        "box": {"width": WIDTH, "height": HEIGHT},
        "rows": sum(each.rows or 0 for each in datasets.values()),
    }


@router.get("/graph", response_class=HTMLResponse)
def graph(context: Here) -> str:
    """The page."""
    return context.page("graph", **content(context))


@router.get("/")
def start() -> RedirectResponse:
    """The link that is printed leads to the figures."""
    return RedirectResponse("/figures", 303)
