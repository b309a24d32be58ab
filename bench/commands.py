"""Whole commands, from the start of their process to its end."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from common.checkout import REPOSITORY
from common.home import Home

DEMO_ORDERS = 5_000
DELIVERED = 50
GENERATED = 10_000


class Took(NamedTuple):
    """What a process took."""

    seconds: float
    peak_mib: float


def run_lakehouse(*arguments: object) -> Took:
    """Runs a command of `lakehouse` and sees that it succeeds."""
    return _timed([sys.executable, "-m", "lakehouse", *map(str, arguments)])


def whole_commands(folder: Path, rounds: int) -> dict[str, float]:
    """Seconds by command, the median of the rounds, each in a home of its own."""
    found = [_commands(folder / f"commands-{number}") for number in range(rounds)]
    return {name: median(each[name] for each in found) for name in found[0]}


def _commands(folder: Path) -> dict[str, float]:
    """What a day's work asks for, in the order in which it is asked."""
    home = ("--home", folder / "home")
    seconds = {
        "generate": run_lakehouse("generate", "--home", folder / "other", "--orders", GENERATED).seconds
    }
    run_lakehouse("generate", *home, "--orders", DEMO_ORDERS)
    seconds["run_from_nothing"] = run_lakehouse("run", *home).seconds
    run_lakehouse("generate", *home, "--orders", DELIVERED)
    seconds["run_delivery"] = run_lakehouse("run", *home).seconds
    seconds["run_nothing_new"] = run_lakehouse("run", *home).seconds
    seconds["tables"] = run_lakehouse("tables", *home).seconds
    seconds["sql"] = run_lakehouse("sql", "select * from gold.seller_quality", *home).seconds
    # All rows of a table need no engine; whatever is computed does.
    seconds["sql_computed"] = run_lakehouse("sql", "select count(*) from gold.seller_quality", *home).seconds
    return seconds


def synth_seconds() -> float:
    """Seconds to synthesize the stack of dev."""
    with tempfile.TemporaryDirectory() as folder:
        return _timed([sys.executable, "-m", "infra.main", "dev"], {"CDKTF_OUTDIR": folder}).seconds


def generation_speed(folder: Path, orders: int) -> dict[str, float]:
    """Rows a second of a new world, and the process's peak memory."""
    home = folder / f"generated-{orders}"
    took = run_lakehouse("generate", "--home", home, "--orders", orders)
    return {"rows_per_second": _rows(Home(home)) / took.seconds, "peak_mib": took.peak_mib}


def _timed(command: list[str], variables: Mapping[str, str] | None = None) -> Took:
    began = time.monotonic()
    environment = {**os.environ, **(variables or {})}
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return Took(time.monotonic() - began, used.ru_maxrss / 1024)


def _rows(home: Home) -> int:
    raw, changes = [*home.raw.glob("*/*.csv")], [*home.cdc.glob("*/*.jsonl")]
    headers = len(raw)
    return sum(_lines(file) for file in (*raw, *changes)) - headers


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(1 for _ in content)
