"""One side of the comparison in a process of its own: `python -m bench.worker batch|duckdb|lakehouse|growth`.

Reads a JSON line for each round (`{"world": FOLDER, "home": FOLDER, "pipelines": NAMES, "new_orders": NUMBER}`),
writes a JSON line: `seconds` by measurement, `checksums` by table of silver and gold but for batch; for growth
`peak_mib`, the process's largest memory, and `slowest`, seconds by table, too.
"""

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.batch import write_all
from bench.commands import run_lakehouse
from bench.duckdb_side import checksums, duckdb_tables, written_checksums
from common.checkout import REPOSITORY
from common.home import Home
from lakehouse.dev.comparing import first_rows, row_changes, table_state
from lakehouse.specs import spec_of
from local.engine.language.spec import PipelineSpec
from local.engine.running.update import run_update
from pipelines.catalog import GOLD

EDITED = "gold.seller_quality"
EDITED_FILE = "pipelines/gold/seller_quality.py"
KEYS = ("seller_id",)
SLOWEST = 8

Answer = dict[str, Any]
"""What a side answers, as JSON."""


@dataclass(frozen=True)
class Round:
    """One round: a new home with a generated world in it, the pipelines to run, and how many orders come later."""

    home: Home
    pipelines: list[str]
    new_orders: int


def main() -> None:
    """Does rounds until standard input ends."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    measure = {"batch": _batch, "duckdb": _duckdb, "lakehouse": _lakehouse, "growth": _growth}[sys.argv[1]]
    for line in sys.stdin:
        given = json.loads(line)
        asked = Round(_home(given["world"], given["home"]), given["pipelines"], given["new_orders"])
        out.write(json.dumps(measure(asked)) + "\n")


def _home(world: str, folder: str) -> Home:
    home = Home(Path(folder))
    shutil.copytree(world, home.path, copy_function=os.link)
    home.state.mkdir(exist_ok=True)
    home.erasures.mkdir(parents=True, exist_ok=True)
    return home


def _batch(asked: Round) -> Answer:
    took = _seconds(lambda: write_all(asked.home, [spec_of(name) for name in asked.pipelines]))
    return {"seconds": {"batch": took}}


def _duckdb(asked: Round) -> Answer:
    began = time.monotonic()
    with duckdb_tables(asked.home.raw) as database:
        seconds = time.monotonic() - began
        return {"seconds": {"duckdb": seconds}, "checksums": checksums(database)}


def _lakehouse(asked: Round) -> Answer:
    home, root = asked.home, asked.home.path / "code"
    shutil.copytree(REPOSITORY / "pipelines", root / "pipelines")
    specs = [spec_of(name, root) for name in asked.pipelines]
    of_gold = next(spec for spec in specs if spec.name == GOLD.name)
    full = _seconds(lambda: _update(home, specs))
    written = written_checksums(home)
    seconds = {
        "full": full,
        "nothing_new": _seconds(lambda: _update(home, specs)),
        "warm_edit": _seconds(lambda: _edit(home, of_gold, root / EDITED_FILE)),
        "one_gold_file": _edited(home, specs, root / EDITED_FILE),
        "one_percent": _with_new_orders(home, specs, asked.new_orders),
    }
    return {"seconds": seconds, "checksums": written}


def _growth(asked: Round) -> Answer:
    took: dict[str, float] = {}

    def update() -> None:
        for name in asked.pipelines:
            took.update(
                {event.dataset: event.seconds for event in run_update(spec_of(name), asked.home).datasets}
            )

    full = _seconds(update)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = sorted(took, key=lambda name: took[name], reverse=True)[:SLOWEST]
    return {
        "seconds": {"full": full},
        "peak_mib": peak,
        "slowest": {name: took[name] for name in slowest},
        "checksums": written_checksums(asked.home),
    }


def _update(home: Home, specs: list[PipelineSpec]) -> None:
    for spec in specs:
        run_update(spec, home)


def _edit(home: Home, medallion: PipelineSpec, file: Path) -> None:
    """What `lakehouse dev` does until the edited table's rows and differences are on the screen."""
    _change(file)
    before = table_state(home, EDITED)
    run_update(medallion, home)
    first_rows(home, EDITED, 5)
    row_changes(home, EDITED, before, KEYS)


def _edited(home: Home, specs: list[PipelineSpec], file: Path) -> float:
    _update(home, specs)
    _change(file)
    return _seconds(lambda: _update(home, specs))


def _change(file: Path) -> None:
    """Ranks sellers from one review more."""
    text = file.read_text(encoding="utf-8")
    name, number = "RANKED_FROM_REVIEWS = ", text.split("RANKED_FROM_REVIEWS = ")[1].split()[0]
    file.write_text(text.replace(f"{name}{number}", f"{name}{int(number) + 1}"), encoding="utf-8")


def _with_new_orders(home: Home, specs: list[PipelineSpec], orders: int) -> float:
    # Linked files are never written again: a run of the generator adds others.
    run_lakehouse("generate", "--home", home.path, "--orders", orders, "--change-batches", 0)
    return _seconds(lambda: _update(home, specs))


def _seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
