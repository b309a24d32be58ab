"""One writer at a time, whoever looks on."""

import time
from concurrent.futures import ThreadPoolExecutor
from fcntl import LOCK_SH, flock
from pathlib import Path
from threading import Event

import pytest

from common.errors import UserError
from common.home import Home
from local.engine.storage.lock import is_locked, locked


def test_a_second_writer_is_told_who_holds_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with locked(home, "a test"):
        assert is_locked(home)
        with (
            pytest.raises(UserError, match=r"is in use: process \d+ \(a test\) holds its lock"),
            locked(home, "x"),
        ):
            pass
    assert not is_locked(home)


def test_who_is_held_up_while_it_looks_is_waited_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with locked(home, "a test"):
        pass

    def write() -> bool:
        with locked(home, "a test"):
            return is_locked(home)

    with ThreadPoolExecutor(1) as pool:
        with (home.state / "lock").open("a+") as look:
            flock(look, LOCK_SH)
            writing = pool.submit(write)
            time.sleep(0.2)
            assert not writing.done()
        assert writing.result()


def test_who_looks_stands_in_nobodys_way(tmp_path: Path) -> None:
    """The page asks three times a second, in each tab that follows."""
    home, ended = Home(tmp_path), Event()
    with locked(home, "a test"):
        pass

    def look() -> list[bool]:
        seen = []
        while not ended.is_set():
            seen.append(is_locked(home))
            time.sleep(0.0005)
        return seen

    with ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(look) for _ in range(2)]
        time.sleep(0.5)
        ended.set()
        assert not any(any(one.result()) for one in looks)
        ended.clear()
        looking = pool.submit(look)
        for _ in range(300):
            with locked(home, "a test"):
                pass
        ended.set()
        looking.result()
