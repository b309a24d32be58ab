"""The one place where a call is allowed or refused: between the token and the handler."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from minilake.errors import DatabricksError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.workspace.calls.caller import CALLER
from local.workspace.calls.context import Workspace
from local.workspace.http.answers import answer
from local.workspace.rights import refusals, unity_operations, workspace_operations
from local.workspace.rights.needs import Asked
from local.workspace.rights.operations import Operation, VisibleRows, operation_of
from local.workspace.rights.who import Who

OPERATIONS = (*unity_operations.OPERATIONS, *workspace_operations.OPERATIONS)

AnswerChange = Callable[[dict[str, Any]], dict[str, Any]]


class Authorization:
    """Lets a call pass that its caller has the right to, and leaves out of its answer what the caller may not see."""

    def __init__(self, app: ASGIApp, ws: Workspace) -> None:
        self._app = app
        self._ws = ws

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on; the workspace's own user passes at once."""
        caller = CALLER.get()
        if scope["type"] != "http" or caller.may_do_anything:
            await self._app(scope, receive, send)
            return
        try:
            operation, asked, replay = await self._asked(scope, receive, Who.of(caller))
            if refusal := operation.need.refusal(asked):
                raise refusal
        except DatabricksError as error:
            await answer(send, error.status_code, error.error_code, error.message)
            return
        if change := _change(operation, asked):
            send = _changed(send, change)
        await self._app(scope, replay, send)

    async def _asked(self, scope: Scope, receive: Receive, who: Who) -> tuple[Operation, Asked, Receive]:
        found = operation_of(OPERATIONS, scope["method"], scope["path"])
        if found is None:
            raise refusals.denied(
                f"The local workspace does not know which right {scope['method']} {scope['path']} needs, and refuses it"
                " to all but its own user."
            )
        operation, in_path = found
        said: Mapping[str, Any] = dict(QueryParams(scope["query_string"]))
        if operation.arguments in ("json", "form"):
            body = await _body(receive)
            said = await _fields(scope, body, form=operation.arguments == "form")
            receive = _replay(body)
        return operation, Asked(self._ws, who, {**said, **in_path}), receive


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    """The body once more, for the handler; after it the client has nothing more to say."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return left.pop() if left else {"type": "http.disconnect"}

    return receive


async def _fields(scope: Scope, body: bytes, *, form: bool) -> dict[str, Any]:
    """The fields of a JSON object or a form; none of a body that cannot be read, which the handler tells."""
    request = Request(scope, _replay(body))
    if form and request.headers.get("content-type", "").startswith("multipart/form-data"):
        return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        fields = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _change(operation: Operation, asked: Asked) -> AnswerChange | None:
    """What becomes of the answer's JSON."""
    if operation.rows:
        rows = operation.rows
        return lambda told: {**told, rows.field: _shown(rows, told.get(rows.field) or [], asked)}
    if operation.columns and not asked.who.is_admin:
        return lambda told: _narrowed(operation.columns, told)
    return None


def _shown(rows: VisibleRows, told: list[dict[str, Any]], asked: Asked) -> list[dict[str, Any]]:
    return [row for row in told if _is_shown(rows, asked.with_row(row))]


def _is_shown(rows: VisibleRows, asked: Asked) -> bool:
    try:
        return rows.need.refusal(asked) is None
    except DatabricksError:
        return False


def _narrowed(columns: tuple[str, ...], told: dict[str, Any]) -> dict[str, Any]:
    """The entries of a list, or one entry, with some of their fields."""
    if "Resources" in told:
        return {**told, "Resources": [_narrowed(columns, entry) for entry in told["Resources"]]}
    return {field: value for field, value in told.items() if field in columns}


def _changed(send: Send, change: AnswerChange) -> Send:
    """A `send` that holds the answer back until it is whole, and changes it when it is a success."""
    started: list[Message] = []
    chunks: list[bytes] = []

    async def held(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        chunks.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body, begun = b"".join(chunks), started[0]
        if begun["status"] == 200:
            body = json.dumps(change(json.loads(body))).encode()
            kept = [pair for pair in begun["headers"] if pair[0].lower() != b"content-length"]
            begun = {**begun, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
        await send(begun)
        await send({"type": "http.response.body", "body": body})

    return held
