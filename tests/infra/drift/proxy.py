"""A gateway before the workspace that lets reading calls through only, and fails where a test wants it to."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from tests.waiting import PATIENCE

# Says which workspace answers.
FORWARDED = {"x-databricks-org-id"}


@dataclass
class Gateway:
    """`failures` maps a part of a path to the statuses that its next calls get instead of an answer.

    `retry_after` are the seconds of the header that goes with them, None for no such header.
    """

    host: str = ""
    failures: dict[str, list[int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    retry_after: int | None = None

    def failure(self, path: str) -> int | None:
        return next((codes.pop(0) for part, codes in self.failures.items() if part in path and codes), None)


@contextmanager
def gateway(behind: str) -> Iterator[Gateway]:
    state = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.asked.append(self.path)
            status = state.failure(self.path)
            if status is not None:
                self._answer(status, json.dumps({"message": f"no {status} today"}).encode(), _wait(state))
                return
            headers = {"Authorization": self.headers["Authorization"]}
            found = requests.get(behind + self.path, headers=headers, timeout=PATIENCE)
            kept = {name: value for name, value in found.headers.items() if name.lower() in FORWARDED}
            self._answer(found.status_code, found.content, kept)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.host = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


def _wait(state: Gateway) -> dict[str, str]:
    return {} if state.retry_after is None else {"Retry-After": str(state.retry_after)}
