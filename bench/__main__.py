"""`python -m bench`: measures, compares with the last committed result and writes the new one."""

import argparse
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.commands import generation_speed, synth_seconds, whole_commands
from bench.report import RESULTS, as_results, committed_ratios, markdown
from bench.rounds import full_update_alone, measured_rounds, new_world
from common.checkout import REPOSITORY
from pipelines.catalog import PIPELINES

ALL = tuple(pipeline.name for pipeline in PIPELINES)
TEN_MILLION = "10000000"


@dataclass(frozen=True)
class Extent:
    """How much is measured: orders of the world, pipelines, rounds, the orders of the larger worlds and of the
    generator's own.
    """

    orders: int
    pipelines: tuple[str, ...]
    rounds: int
    growth: tuple[int, ...]
    generated: tuple[int, ...]


FULL = Extent(100_000, ALL, 3, (100_000, 1_000_000), (10_000, 100_000, 1_000_000))
QUICK = Extent(2_000, ALL, 1, (), (10_000,))


def main() -> None:
    """Measures as the arguments say."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="a small world, once; nothing is written")
    which.add_argument(
        "--ten-million",
        action="store_true",
        help="only a full update of 10,000,000 orders, beside the last result",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if given.ten_million:
            _measure_ten_million(Path(folder))
        else:
            _measure(QUICK if given.quick else FULL, Path(folder), keep=not given.quick)


def _measure(extent: Extent, folder: Path, keep: bool) -> None:
    world = new_world(folder, extent.orders)
    found = as_results(
        rounds=measured_rounds(folder, world, extent.orders, extent.pipelines, extent.rounds),
        growth={orders: full_update_alone(folder, orders, extent.pipelines) for orders in extent.growth},
        commands=whole_commands(folder, extent.rounds),
        synth=[synth_seconds() for _ in range(extent.rounds)],
        generator={orders: generation_speed(folder, orders) for orders in extent.generated},
        orders=extent.orders,
    )
    # It takes as long as all of this, and is measured by itself.
    if keep and (figures := _last()["growth"].get(TEN_MILLION)):
        found["growth"][TEN_MILLION] = figures
    _show(found, keep)


def _measure_ten_million(folder: Path) -> None:
    last = _last()
    figures = full_update_alone(folder, int(TEN_MILLION), ALL, checked=False)
    last["growth"][TEN_MILLION] = {**figures, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    _show(last, keep=True)


def _last() -> dict:
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def _show(found: dict, keep: bool) -> None:
    table = markdown(found, committed_ratios(found, REPOSITORY))
    print(table)
    if keep:
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        RESULTS.with_suffix(".md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
