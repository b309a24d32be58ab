"""What every call passes: the token first, the disk last."""

import traceback
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.workspace.calls.caller import CALLER, OWNER, Caller
from local.workspace.calls.identity import Identity
from local.workspace.http.answers import answer
from local.workspace.rights.principals import caller_with

_OPEN = "/.well-known/"
_ORG_HEADER = b"x-databricks-org-id"


class Gate:
    """Lets in only callers that bring a token, says who they are, and names the workspace on every answer.

    `tokens` are those of principals, by their names.
    """

    def __init__(self, app: ASGIApp, identity: Identity, tokens: Mapping[str, str]) -> None:
        self._app = app
        self._token = identity.token
        self._tokens = tokens
        self._workspace_id = identity.workspace_id.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or pass the call on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() != _ORG_HEADER]
                message["headers"] = [*kept, (_ORG_HEADER, self._workspace_id)]
            await send(message)

        caller = self._caller(scope) if scope["type"] == "http" else None
        if caller:
            CALLER.set(caller)
            await self._app(scope, receive, named)
        else:
            await answer(
                named, 401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type"
            )

    def _caller(self, scope: Scope) -> Caller | None:
        if scope["path"].startswith(_OPEN):
            return OWNER
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return caller_with(given, self._token, self._tokens)


class Durable:
    """Runs `save` after every changing call and before its answer; a failure inside becomes the API's 500."""

    def __init__(self, app: ASGIApp, save: Callable[[], None]) -> None:
        self._app = app
        self._save = save

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, saving before the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def saved_first(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                if scope["method"] not in {"GET", "HEAD"}:
                    self._save()
                started = True
            await send(message)

        try:
            await self._app(scope, receive, saved_first)
        except Exception as error:
            traceback.print_exc()
            if not started:
                await answer(send, 500, "INTERNAL_ERROR", f"{type(error).__name__}: {error}")
