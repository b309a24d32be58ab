"""What every call passes: the token first, the disk last."""

import hmac
import json
import traceback
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.workspace.calls.identity import Identity

_OPEN = "/.well-known/"
_ORG_HEADER = b"x-databricks-org-id"


class Gate:
    """Lets in only callers that bring the token, and names the workspace on every answer."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._expected = f"Bearer {identity.token}".encode()
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

        if scope["type"] == "http" and self._may_enter(scope):
            await self._app(scope, receive, named)
        else:
            await _answer(
                named, 401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type"
            )

    def _may_enter(self, scope: Scope) -> bool:
        if scope["path"].startswith(_OPEN):
            return True
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self._expected)


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
                await _answer(send, 500, "INTERNAL_ERROR", f"{type(error).__name__}: {error}")


async def _answer(send: Send, status: int, error_code: str, message: str) -> None:
    body = json.dumps({"error_code": error_code, "message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
