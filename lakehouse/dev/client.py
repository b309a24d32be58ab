"""Asks a home's dev engine, when there is one, to run an update."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from common.errors import UserError
from common.home import Home


@dataclass(frozen=True)
class Address:
    """Where a dev engine listens, which process it is and which code it runs (see serving.identity)."""

    socket: str
    pid: int
    code: str


def address_file(home: Home) -> Path:
    """The file in which a dev engine says where it is."""
    return home.state / "dev.json"


@contextmanager
def engine_connection(home: Home, code: str) -> Iterator["Connection | None"]:
    """A connection to the home's dev engine; None where there is none, or one of other code than `code`."""
    found = _address(home)
    link = _connect(found.socket) if found and found.code == code else None
    if link is None:
        yield None
        return
    with link, link.makefile("rw", encoding="utf-8") as lines:
        yield Connection(lines)


class Connection:
    """One request to a dev engine."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    def run(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Sends a request (see serving.UpdateRequest) and yields what the engine tells; UserError with its error."""
        self._lines.write(json.dumps(request) + "\n")
        self._lines.flush()
        for line in self._lines:
            told = json.loads(line)
            if "error" in told:
                raise UserError(told["error"])
            yield told
            if "results" in told:
                return
        raise UserError("the dev engine ended before the update did: run again")


def _address(home: Home) -> Address | None:
    try:
        return Address(**json.loads(address_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _connect(path: str) -> socket.socket | None:
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(path)
    except OSError:
        link.close()
        return None
    return link
