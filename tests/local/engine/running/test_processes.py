"""An update in a process of its own ends; what kills and full disks do to it is tests/torture."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.storage.event_log import read_event_log
from tests.local.engine.project import Project
from tests.waiting import PATIENCE

CODE = """
@dp.table
def lines():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
        .load("/Volumes/main/shop/files/lines")
    )

@dp.table
def copies():
    return spark.readStream.table("lines")

dp.create_streaming_table("latest")
dp.create_auto_cdc_flow("latest", "copies", keys=["id"], sequence_by="id")

@dp.materialized_view
def counted():
    return spark.read.table("latest").groupBy().count()
"""
TABLES = 20
SLOW = f"""
from time import sleep

for number in range({TABLES}):
    @dp.materialized_view(name=f"slow{{number}}")
    def slow():
        sleep(0.3)
        return spark.range(1)
"""
SPEC = """
name: theirs
catalog: main
database: shop
libraries:
  - glob: {include: transformations/**}
"""


@pytest.fixture
def command(project: Project) -> list[str]:
    """The command that runs the project as a user does."""
    project.write("transformations/lines.py", CODE)
    spec = project.write("pipeline.yml", SPEC)
    return [sys.executable, "-m", "lakehouse", "run", "--spec", str(spec), "--home", str(project.home.path)]


def test_a_process_that_ran_an_update_ends_and_has_told_of_no_error(
    project: Project, repository: Path, command: list[str]
) -> None:
    project.volume("shop/files/lines/1.json", '{"id": 1}\n')
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, "shop.counted" in done.stdout, done.stderr) == (0, True, "")


def test_without_java_it_is_said_what_needs_it_and_the_rest_is_written(
    project: Project, repository: Path, command: list[str], tmp_path: Path
) -> None:
    project.volume("shop/files/lines/1.json", '{"id": 1}\n')
    lines = CODE.replace('readStream.table("lines")', 'readStream.table("lines").dropDuplicates(["id"])')
    project.write("transformations/lines.py", lines)
    done = subprocess.run(
        command,
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=os.environ | {"PATH": str(tmp_path)},
    )
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "the rest runs on Apache Spark: transformations/lines.py:" in said
    assert "shop.copies: dropDuplicates of a stream" in said
    assert "Apache Spark needs Java, which is missing: install a JDK of version 17" in done.stderr
    # What was written before is told as ever.
    assert [line["origin"]["flow_name"] for line in read_event_log(project.home)] == ["shop.lines"]


def test_a_table_made_anew_is_never_taken_for_the_one_before(project: Project) -> None:
    project.write("transformations/lines.py", CODE)
    project.volume("shop/files/lines/1.json", '{"id": 1}\n')
    project.run()
    folder = project.home.warehouse / "shop.db" / "lines"
    subprocess.run(["rm", "-r", str(folder)], check=True)
    with pytest.raises(UserError, match=r"shop\.lines, which shop\.copies reads as a stream, was made anew"):
        project.run()


def test_ctrl_c_ends_a_run_at_once_and_the_next_goes_on(
    project: Project, repository: Path, command: list[str]
) -> None:
    project.volume("shop/files/lines/1.json", '{"id": 1}\n')
    project.write("transformations/slow.py", SLOW)
    with subprocess.Popen(
        command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout
        first = next(line for line in run.stdout if "shop.slow" in line)
        run.send_signal(signal.SIGINT)
        told, _ = run.communicate(timeout=PATIENCE)
    written = (first + told).count("shop.slow")
    assert (run.returncode, written < TABLES, "failed" in told) == (1, True, False)
    assert told.splitlines()[-1] == "stopped"
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0
    assert project.rows("select count from shop.counted") == [(1,)]
