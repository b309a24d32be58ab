"""The embedded server: sessions apart, and a process that ends by itself."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from local.engine.sessions import sail as sail_server
from tests.waiting import PATIENCE

USES_SAIL = """
from local.engine.sessions import sail
session = sail.new_session()
print(session.range(3).count(), flush=True)
"""


def run(script: str, repository: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USES_SAIL + script], cwd=repository, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout and process.stdout.readline() == "3\n"
    return process


@pytest.mark.parametrize(
    "script", ["", "raise SystemExit(0)", "del session", "sail.new_session().range(2).toArrow()"]
)
def test_a_process_that_used_sail_ends_by_itself(script: str, repository: Path) -> None:
    # A thread of the server's that kept it up would do so for good.
    assert run(script, repository).wait(PATIENCE) == 0


def test_threads_that_begin_at_once_share_one_server(repository: Path) -> None:
    script = """
from concurrent.futures import ThreadPoolExecutor
from local.engine.sessions import sail
with ThreadPoolExecutor(4) as threads:
    made = list(threads.map(lambda _: sail.new_session(), range(4)))
print([session.range(3).count() for session in made])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repository, text=True, capture_output=True, check=False
    )
    assert done.stdout == "[3, 3, 3, 3]\n", done.stderr


def test_a_session_is_not_forgotten_while_it_is_idle(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The setting by which Sail would forget it after a second; the engine's own stands above it.
    monkeypatch.setenv("SAIL_SPARK__SESSION_TIMEOUT_SECS", "1")
    script = "import time; time.sleep(4); print(session.range(2).count())"
    done = run(script, repository)
    assert done.communicate(timeout=PATIENCE)[0] == "2\n"


def test_sessions_do_not_see_each_others_settings_and_views(sail: SparkSession) -> None:
    other = sail_server.new_session()
    sail.range(1).createOrReplaceTempView("only_here")
    sail.conf.set("spark.sql.shuffle.partitions", "7")
    try:
        assert other.conf.get("spark.sql.shuffle.partitions") != "7"
        assert not other.catalog.tableExists("only_here")
    finally:
        sail.conf.unset("spark.sql.shuffle.partitions")


def test_a_server_that_is_gone_is_an_error_soon() -> None:
    from pysail.spark import SparkConnectServer
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    from local.engine.sessions.client import ready

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    address = server.listening_address
    assert address
    session = ready(ConnectSession("sc://{}:{}".format(*address)))
    server.stop()
    start = time.monotonic()
    with pytest.raises(PySparkException):
        session.range(1).collect()
    # The client by itself would try again for ten minutes.
    assert time.monotonic() - start < 300
