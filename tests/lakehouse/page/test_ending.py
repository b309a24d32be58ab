"""The page ends by Ctrl-C without noise, also when its engine has answered."""

import signal
import subprocess
import sys

import httpx

from common.checkout import REPOSITORY
from tests.e2e.lakehouses import Lakehouse
from tests.waiting import PATIENCE


def test_ctrl_c_after_a_query_is_no_error(lakehouse: Lakehouse) -> None:
    options = ["--port", "0", "--no-browser", "--home", str(lakehouse.home.path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "lakehouse", "ui", *options],
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    link = process.stdout.readline().strip()
    with httpx.Client(base_url=link.partition("/?")[0], timeout=PATIENCE) as client:
        client.cookies = httpx.get(link, timeout=PATIENCE).cookies
        assert "1 row" in client.get("/sql", params={"query": "select 1 as one"}).text
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE)[1] == ""
