"""The engine leaves alone what is not its own: modules, the tables that others read, the end of a process."""

import gc
import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from pyspark import SparkConf

from common.errors import UserError
from local.engine.class_sharing import KEEPING
from local.engine.definitions import importable
from local.engine.java import start_java
from local.engine.session import Engine, start_engine
from tests.local.engine.conftest import Project


def test_modules_that_were_imported_before_stay_the_same(repository: Path) -> None:
    import infra.stack.settings
    import pipelines.shared.rules

    with importable(repository):
        assert "infra.stack.settings" not in sys.modules
        assert __import__("pipelines.shared.rules").rules is not pipelines.shared.rules
    assert sys.modules["infra.stack.settings"] is infra.stack.settings
    assert sys.modules["pipelines.shared.rules"] is pipelines.shared.rules


def test_an_edited_module_is_read_anew(tmp_path: Path) -> None:
    module = tmp_path / "limits_of_a_test.py"
    for limit in (1, 22):
        module.write_text(f"LIMIT = {limit}\n")
        with importable(tmp_path):
            assert limit == __import__("limits_of_a_test").LIMIT


def test_forgetting_tables_touches_no_file(project: Project) -> None:
    engine = start_engine(project.home.warehouse)
    session = engine.session()
    session.sql(f"create schema shop location '{project.home.warehouse}/shop.db'")
    session.sql("create table shop.kept as select 1 as n")
    before = sorted(project.home.warehouse.rglob("*"))
    engine.forget()
    assert sorted(project.home.warehouse.rglob("*")) == before
    assert not engine.session().catalog.tableExists("shop.kept")
    assert project.rows("shop.kept") == [{"n": 1}]


def test_a_session_that_nobody_holds_is_closed_by_who_asks_for_the_next(engine: Engine) -> None:
    """Where Python finds it, on any thread and under any lock, closing could wait for ever."""
    session: Any = engine.session()
    client, held = session.client, weakref.ref(session)
    assert session.range(1).count() == 1
    del session
    gc.collect()
    assert held() is None
    assert not client.is_closed
    engine.session()
    assert client.is_closed


ONE = """
from pyspark import pipelines as dp

@dp.materialized_view
def one():
    return spark.range(1)
"""


def command_for(project: Project, name: str, code: str) -> list[str]:
    """Somebody's pipeline of one file, and the command that runs it."""
    project.write(f"{name}.py", code)
    libraries = f"libraries:\n  - glob:\n      include: {name}.py\n"
    spec = project.write("pipeline.yml", f"name: {name}\ndatabase: shop\n{libraries}")
    return [sys.executable, "-m", "lakehouse", "run", "--spec", str(spec), "--home", str(project.home.path)]


def test_a_process_that_ran_an_update_ends_and_has_told_of_no_error(
    project: Project, repository: Path, engine: Engine
) -> None:
    command = command_for(project, "one", ONE)
    told = "" if engine.archive.exists() else f"{KEEPING}\n"
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, "shop.one" in done.stdout, done.stderr) == (0, True, told)


def test_what_keeps_java_from_starting_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    conf = SparkConf(loadDefaults=False).set("spark.driver.memory", "much")
    with pytest.raises(UserError, match="Java ended before Spark had started"):
        start_java(conf)
    assert "Invalid maximum heap size: -Xmxmuch" in capfd.readouterr().err


SLOW = """
from pyspark import pipelines as dp
from pyspark.sql import functions as F

@dp.materialized_view
def slow():
    return spark.range(10**12).agg(F.sum("id").alias("total"))
"""


def test_a_command_whose_spark_is_killed_says_so(project: Project, repository: Path) -> None:
    command = command_for(project, "slow", SLOW)
    log = project.home.warehouse / "shop.db/slow/_delta_log"
    with subprocess.Popen(command, cwd=repository, stderr=subprocess.PIPE, text=True) as run:
        while not log.exists():
            assert run.poll() is None
            time.sleep(0.1)
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        _, errors = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "error: Spark's process ended in the middle of the update" in errors
    assert "Traceback" not in errors
