"""A small world that ran twice, and its page as `lakehouse ui` serves it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from common.checkout import REPOSITORY
from common.home import Home
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds
from tests.waiting import PATIENCE


@dataclass(frozen=True)
class Served:
    """A page that answers: the link that was printed, and its home."""

    link: str
    home: Home

    @property
    def address(self) -> str:
        """The link without its token."""
        return self.link.partition("/?")[0]

    def client(self) -> httpx.Client:
        """A client that has entered by the link."""
        client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=PATIENCE)
        client.cookies = httpx.get(self.link, timeout=PATIENCE).cookies
        return client


@contextmanager
def page_of(home: Home) -> Iterator[Served]:
    """The page of a home, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "lakehouse",
        "ui",
        "--port",
        "0",
        "--no-browser",
        "--home",
        str(home.path),
    ]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Served(process.stdout.readline().strip(), home)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="session")
def lakehouse(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return worlds.copy("twice", tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def served(lakehouse: Lakehouse) -> Iterator[Served]:
    with page_of(lakehouse.home) as page:
        yield page
