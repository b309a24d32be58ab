"""Updates measured against plain batch Spark and DuckDB, each side in a process of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.commands import run_lakehouse
from common.checkout import REPOSITORY

# Nothing large is imported here: a process's largest memory begins with that of the one that starts it.
SIDES = ("batch", "duckdb", "lakehouse")
Worker = subprocess.Popen[str]


def new_world(folder: Path, orders: int) -> Path:
    """A home below `folder` with the raw files of that many orders; everything else grows with them."""
    world = folder / f"world-{orders}"
    sizes = {"customers": orders // 5, "products": orders // 50, "sellers": orders // 200}
    options = [text for name, size in sizes.items() for text in (f"--{name}", size)]
    run_lakehouse("generate", "--home", world, "--orders", orders, *options)
    return world


def measured_rounds(
    folder: Path, world: Path, orders: int, pipelines: Sequence[str], rounds: int
) -> list[dict[str, float]]:
    """Seconds by measurement of each round. All sides take turns, so that what else the machine does falls on all.

    Ends the bench when a table of silver or gold is not the same by DuckDB and by the engine.
    """
    measured = []
    with ExitStack() as open_workers:
        workers = {side: open_workers.enter_context(_worker(side)) for side in SIDES}
        for number in range(rounds):
            homes = {side: folder / f"{side}-{number}" for side in SIDES}
            order = {"world": str(world), "pipelines": pipelines, "new_orders": orders // 100}
            told = {side: _ask(workers[side], {**order, "home": str(homes[side])}) for side in SIDES}
            _see_equal(told["lakehouse"], told["duckdb"])
            measured.append({name: took for each in told.values() for name, took in each["seconds"].items()})
            shown = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in measured[-1].items())
            print(f"round {number + 1}: {shown}", flush=True)
            for home in homes.values():
                shutil.rmtree(home)
    return measured


def full_update_alone(
    folder: Path, orders: int, pipelines: Sequence[str], checked: bool = True
) -> dict[str, Any]:
    """A full update of a world of its own in a new process: seconds, peak memory, the slowest tables.

    The tables are compared with DuckDB's, which needs room in memory for all of them, where `checked`.
    """
    world, home = new_world(folder / "growth", orders), folder / "growth" / "home"
    order = {"world": str(world), "home": str(home), "pipelines": pipelines, "new_orders": 0}
    with _worker("growth") as worker:
        told = _ask(worker, order)
    if checked:
        with _worker("duckdb") as worker:
            _see_equal(told, _ask(worker, {**order, "home": str(folder / "growth" / "duckdb")}))
    shutil.rmtree(folder / "growth")
    seconds, peak = round(told["seconds"]["full"], 2), round(told["peak_mib"])
    print(f"{orders:,} orders: {seconds} s, {peak:,} MiB", flush=True)
    slowest = {name: round(took, 2) for name, took in told["slowest"].items()}
    return {"seconds": seconds, "peak_mib": peak, "slowest": slowest}


def unequal_tables(found: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    """A line for each table that is not the same on both sides."""
    return [
        f"{name}: {found[name]} by the engine, {wanted} by DuckDB"
        for name, wanted in expected.items()
        if found[name] != wanted
    ]


@contextmanager
def _worker(side: str) -> Iterator[Worker]:
    command = [sys.executable, "-m", "bench.worker", side]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _ask(worker: Worker, order: dict[str, Any]) -> dict[str, Any]:
    assert worker.stdin and worker.stdout
    worker.stdin.write(json.dumps(order) + "\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        sys.exit("the bench's worker ended before it had measured; what it said stands above")
    return json.loads(line)


def _see_equal(engine: dict[str, Any], duckdb: dict[str, Any]) -> None:
    found = unequal_tables(engine["checksums"], duckdb["checksums"])
    if found:
        sys.exit("\n".join(["the engine's tables are not those of DuckDB:", *found]))
