"""What a view is given."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from lakehouse.page.reading.lake import Lake
from lakehouse.page.rendering import Pages
from local.engine.storage.lock import is_locked


@dataclass(frozen=True)
class Context:
    """The lakehouse, and how its pages are written."""

    lake: Lake
    pages: Pages

    def page(self, view: str, **values: Any) -> str:
        """The whole page of a view: its template with values."""
        return self.pages.render(
            view, view=view, home=str(self.lake.home.path), running=is_locked(self.lake.home), **values
        )


def _of(request: Request) -> Context:
    return request.app.state.context


Here = Annotated[Context, Depends(_of)]
"""A parameter by which a route gets the context."""
