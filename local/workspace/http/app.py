"""The application: minilake's routes with ours in front of them, behind the token."""

import errno
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from minilake.config import settings
from minilake.errors import install_exception_handlers
from minilake.services import get_enabled_routers
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from common.home import Home
from local.workspace.calls.context import Workspace
from local.workspace.calls.identity import load_identity
from local.workspace.files.objects import Objects
from local.workspace.http.authorization import Authorization
from local.workspace.http.background import Background
from local.workspace.http.middleware import Durable, Gate
from local.workspace.http.routes import ROUTERS
from local.workspace.rights import principals
from local.workspace.rights.principals import NewPrincipal
from local.workspace.storage import minilake
from local.workspace.storage.minilake import SERVICES, MinilakeState
from local.workspace.storage.store import Store

_NAME_ERRORS = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP}
_ERROR_CODES = {404: "ENDPOINT_NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "REQUEST_LIMIT_EXCEEDED"}


def open_workspace(home: Home) -> Workspace:
    """The workspace kept in `home`, made when it is not there; a damaged one is a UserError."""
    store = Store.open(home.workspace / "workspace.sqlite")
    workspace = Workspace(home, store, load_identity(home.workspace))
    Objects(store).ensure_roots()
    return workspace


def workspace_app(workspace: Workspace, declared: Sequence[NewPrincipal] = ()) -> Any:
    """The ASGI application that serves `workspace`, which gets the principals `declared` beside those it has."""
    app = FastAPI(title="Local Databricks workspace", openapi_url=None, lifespan=_lifespan)
    app.state.workspace = workspace
    _include_routers(app, workspace.home)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ValidationError, _invalid_settings)
    app.add_exception_handler(OSError, _impossible_name)
    state = MinilakeState(workspace.store)
    state.restore()
    minilake.ensure_warehouse()
    if declared:
        principals.make(workspace, declared)
        state.save()
    inner = Durable(Authorization(app, workspace), state.save)
    return Gate(inner, workspace.identity, principals.tokens(workspace.home.workspace / principals.TOKENS))


def _include_routers(app: FastAPI, home: Home) -> None:
    """Ours first: of two routes for one call the first answers."""
    settings.data_dir = home.workspace / "minilake"
    settings.services = ",".join(SERVICES)
    logging.getLogger("minilake").setLevel(logging.ERROR)
    install_exception_handlers(app)
    for router in [*ROUTERS, *(router for _, router in get_enabled_routers())]:
        app.include_router(router)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with Background(app.state.workspace) as background:
        app.state.background = background
        yield


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(getattr(error, "detail", error))
    code = _ERROR_CODES.get(status, "BAD_REQUEST")
    return JSONResponse({"error_code": code, "message": detail}, status_code=status)


async def _impossible_name(_request: Request, error: Exception) -> JSONResponse:
    """A name that no file can have: too long, or below something that is a file."""
    if isinstance(error, OSError) and error.errno in _NAME_ERRORS:
        body = {
            "error_code": "INVALID_PARAMETER_VALUE",
            "message": f"The path cannot be used: {error.strerror}",
        }
        return JSONResponse(body, status_code=400)
    raise error


async def _invalid_settings(_request: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, ValidationError) else []
    parts = [f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}" for problem in problems]
    return JSONResponse(
        {"error_code": "INVALID_PARAMETER_VALUE", "message": "; ".join(parts)}, status_code=400
    )
