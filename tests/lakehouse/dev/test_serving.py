"""A command finds the home's dev engine, gives it a request and hears how it went."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from common.errors import UserError
from common.home import Home
from lakehouse.dev.client import Address, address_file, engine_connection
from lakehouse.dev.serving import answer_client, engine_socket, identity, read_results
from local.engine.storage.lock import locked
from tests.waiting import PATIENCE

NOTHING = {"pipelines": [], "full_refresh": False, "select": []}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home with an engine that serves one request."""
    home = Home(tmp_path)
    with engine_socket(home) as server:

        def serve_one() -> None:
            server.settimeout(PATIENCE)
            link, _ = server.accept()
            answer_client(link, home)

        thread = Thread(target=serve_one, daemon=True)
        thread.start()
        yield home
        thread.join(PATIENCE)


def test_an_order_is_done_and_its_results_come_back(home: Home) -> None:
    with engine_connection(home, identity()) as engine:
        assert engine
        [told] = engine.run(NOTHING)
    assert read_results(told["results"]) == []


def test_an_error_reaches_the_command(home: Home) -> None:
    with locked(home, "another run"), engine_connection(home, identity()) as engine:
        assert engine
        with pytest.raises(UserError, match="another run"):
            list(engine.run(NOTHING))


def test_only_the_user_reaches_the_socket_and_nothing_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with engine_socket(home):
        address = Address(**json.loads(address_file(home).read_text()))
        assert Path(address.socket).parent.stat().st_mode & 0o077 == 0
    assert not address_file(home).exists()
    assert not Path(address.socket).parent.exists()


def test_an_engine_of_other_code_or_one_that_is_gone_is_not_used(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with engine_socket(home), engine_connection(home, "another checkout") as engine:
        assert engine is None
    address_file(home).write_text(json.dumps({"socket": f"{tmp_path}/gone", "pid": 1, "code": identity()}))
    with engine_connection(home, identity()) as engine:
        assert engine is None
