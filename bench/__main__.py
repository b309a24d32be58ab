"""`python -m bench`: measures, compares with the last committed result and writes the new one."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import RESULTS, compared, markdown, results_of
from common.home import Home
from pipelines.catalog import MEDALLION, PIPELINES

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Plan:
    """How much is measured: orders of the world, pipelines, rounds, and the orders of the generator's own worlds."""

    orders: int
    pipelines: tuple[str, ...]
    rounds: int
    generated: tuple[int, ...]


FULL = Plan(100_000, tuple(pipeline.name for pipeline in PIPELINES), 3, (10_000, 100_000, 1_000_000))
QUICK = Plan(2_000, (MEDALLION.name,), 1, (10_000, 100_000))


def main() -> None:
    """Measures as the arguments say."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="the medallion of a small world, once; nothing is written"
    )
    quick = parser.parse_args().quick
    plan = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = results_of(
            rounds=_rounds(plan, Path(folder)),
            synth=[_synth() for _ in range(3)],
            generator={orders: _generated(orders, Path(folder)) for orders in plan.generated},
            orders=plan.orders,
        )
    table = markdown(found, compared(found, REPOSITORY))
    print(table)
    if not quick:
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        RESULTS.with_suffix(".md").write_text(table, encoding="utf-8")


def _rounds(plan: Plan, folder: Path) -> list[dict[str, float]]:
    """Both sides take turns, so that what else the machine does falls on both."""
    world = folder / "world"
    sizes = (
        "--customers",
        plan.orders // 5,
        "--products",
        plan.orders // 50,
        "--sellers",
        plan.orders // 200,
    )
    _local("generate", "--home", world, "--orders", plan.orders, *sizes)
    measured = []
    with _worker("batch") as batch, _worker("lakehouse") as lakehouse:
        for number in range(plan.rounds):
            found: dict[str, float] = {}
            for side, worker in (("batch", batch), ("lakehouse", lakehouse)):
                home = folder / f"{side}-{number}"
                order = {
                    "world": str(world),
                    "home": str(home),
                    "pipelines": plan.pipelines,
                    "new_orders": plan.orders // 100,
                }
                found |= _ask(worker, order)
            took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found.items())
            print(f"round {number + 1}: {took}", flush=True)
            measured.append(found)
    return measured


@contextmanager
def _worker(side: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bench.worker", side]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _ask(worker: "subprocess.Popen[str]", order: dict[str, Any]) -> dict[str, float]:
    assert worker.stdin and worker.stdout
    worker.stdin.write(json.dumps(order) + "\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        sys.exit("the bench's worker ended before it had measured; what it said stands above")
    return json.loads(line)


def _synth() -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "-m", "infra.main", "dev"]
        variables = {**os.environ, "CDKTF_OUTDIR": folder}
        subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, env=variables)
        return time.monotonic() - began


def _generated(orders: int, folder: Path) -> dict[str, float]:
    """Rows a second of a new world (customers, products and sellers grow with it), and the process's peak memory."""
    home = folder / f"generated-{orders}"
    command = [sys.executable, "-m", "lakehouse", "generate", "--home", str(home), "--orders", str(orders)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"lakehouse generate --orders {orders} failed")
    seconds = time.monotonic() - began
    return {"rows_per_second": _rows(Home(home)) / seconds, "peak_mib": used.ru_maxrss / 1024}


def _rows(home: Home) -> int:
    raw, changes = [*home.raw.glob("*/*.csv")], [*home.cdc.glob("*/*.jsonl")]
    headers = len(raw)
    return sum(_lines(file) for file in (*raw, *changes)) - headers


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(1 for _ in content)


def _local(*arguments: object) -> None:
    command = [sys.executable, "-m", "lakehouse", *map(str, arguments)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
