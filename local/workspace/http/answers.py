"""The errors of what stands before the application, in the API's form."""

import json

from starlette.types import Send


async def answer(send: Send, status: int, error_code: str, message: str) -> None:
    """Answer a call with an error."""
    body = json.dumps({"error_code": error_code, "message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
