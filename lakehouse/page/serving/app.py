"""The application: the views' routes, the static files, and errors as pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from common.errors import UserError
from common.home import Home
from lakehouse.page.reading.lake import Lake
from lakehouse.page.rendering import Pages, to_server
from lakehouse.page.views import VIEWS
from lakehouse.page.views.view import Context

STATIC = Path(__file__).parents[1] / "static"


def page_app(home: Home) -> FastAPI:
    """The page of a home, without the gate before it."""
    app = FastAPI(title="Lakehouse", openapi_url=None, lifespan=_lifespan)
    app.state.context = Context(Lake(home), Pages(to_server))
    for view in VIEWS:
        app.include_router(view.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    for kind in (HTTPException, UserError, RequestValidationError):
        app.add_exception_handler(kind, _told)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.context.lake.close()


async def _told(request: Request, error: Exception) -> Response:
    """An error as a page; what a query or a wrong setting meets is a UserError."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    message = str(error.detail) if isinstance(error, HTTPException) else str(error)
    if isinstance(error, RequestValidationError):
        message = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
    context: Context = request.app.state.context
    return HTMLResponse(context.page("error", message=message, status=status), status)
