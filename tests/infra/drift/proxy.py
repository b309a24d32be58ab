"""A gateway before the workspace that lets reading calls through only, and fails where a test wants it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


@dataclass
class Gateway:
    """`failures` maps a part of a path to the statuses that its next calls get instead of an answer."""

    host: str = ""
    failures: dict[str, list[int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

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
                self._answer(status, json.dumps({"message": f"no {status} today"}).encode())
                return
            headers = {"Authorization": self.headers["Authorization"]}
            found = requests.get(behind + self.path, headers=headers, timeout=30)
            self._answer(found.status_code, found.content)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
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
