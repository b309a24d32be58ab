"""Serves a home's dev engine on a Unix socket that only its user can reach."""

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from lakehouse.dev.client import Address, address_file
from lakehouse.main_job import run_pipelines
from local.engine.planning.fingerprint import engine_fingerprint
from local.engine.running.events import Event, UpdateResult
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.lock import locked


@dataclass(frozen=True)
class UpdateRequest:
    """What to update: pipelines of this repository, with the options of `lakehouse run`."""

    pipelines: Sequence[str]
    full_refresh: bool
    select: Sequence[str]
    engine: EngineChoice = "auto"


def identity() -> str:
    """Tells an engine of this checkout's code from one of another."""
    return f"{REPOSITORY} {engine_fingerprint()}"


@contextmanager
def engine_socket(home: Home) -> Iterator[socket.socket]:
    """A socket that the home's other commands find, for as long as the context lasts."""
    # The home's own path may be longer than a socket's may be.
    with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder, socket.socket(socket.AF_UNIX) as server:
        path = f"{folder}/engine.sock"
        server.bind(path)
        server.listen()
        address = Address(path, os.getpid(), identity())
        home.state.mkdir(parents=True, exist_ok=True)
        address_file(home).write_text(json.dumps(asdict(address)), encoding="utf-8")
        try:
            yield server
        finally:
            address_file(home).unlink(missing_ok=True)


def answer_client(link: socket.socket, home: Home) -> None:
    """Does one client's request; a client that has gone does not stop the update."""
    with link, link.makefile("rw", encoding="utf-8") as lines:
        request = UpdateRequest(**json.loads(lines.readline()))

        def on_event(pipeline: str, event: Event) -> None:
            _tell(lines, {"pipeline": pipeline, "event": asdict(event)})

        try:
            with locked(home, "a dev engine, for lakehouse run"):
                results = run_pipelines(
                    home, request.pipelines, request.full_refresh, request.select, on_event, request.engine
                )
            _tell(lines, {"results": [asdict(result) for result in results]})
        except UserError as error:
            _tell(lines, {"error": str(error)})


def _tell(lines: TextIO, what: dict[str, Any]) -> None:
    with suppress(OSError):
        lines.write(json.dumps(what) + "\n")
        lines.flush()


def read_results(told: Sequence[dict[str, Any]]) -> list[UpdateResult]:
    """The results of updates, as a client reads them."""
    return [
        UpdateResult(
            one["pipeline"], [Event.of(event) for event in one["datasets"]], one["seconds"], one["engine"]
        )
        for one in told
    ]
