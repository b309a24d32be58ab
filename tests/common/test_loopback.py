"""What is served to this machine ends without noise, whatever is under way."""

import http.client
import subprocess
import sys
from pathlib import Path

SERVER = """
import asyncio
from common.loopback import listening, serve_app

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    await asyncio.Event().wait()

with listening(0) as listener:
    port = listener.getsockname()[1]
    serve_app(app, listener, lambda: print(port, flush=True), grace_seconds=1)
"""


def test_an_answer_under_way_at_the_end_is_no_error(repository: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=repository,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    caller = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=600)
    caller.request("GET", "/")
    assert caller.getresponse().status == 200
    process.terminate()
    assert process.communicate(timeout=600)[1] == ""
    caller.close()
