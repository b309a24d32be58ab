"""A pipeline of every kind of table, files that arrive for it, and what its tables must then hold."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.checkout import REPOSITORY
from common.home import Home
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import table_path

CODE = """
from pyspark import pipelines as dp

@dp.table
@dp.expect_or_drop("amount", "amount >= 0")
def lines():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
        .schema("id INT, key INT, amount INT").load("/Volumes/main/shop/files/lines")
    )

@dp.table
def copies():
    return spark.readStream.table("lines")

dp.create_streaming_table("latest")
dp.create_auto_cdc_flow("latest", "copies", keys=["key"], sequence_by="id")

dp.create_streaming_table("history")
dp.create_auto_cdc_flow("history", "lines", keys=["key"], sequence_by="id", stored_as_scd_type=2)

dp.create_sink("delivered", "delta", {"tableName": "shop.delivered"})

@dp.append_flow(target="delivered")
def deliveries():
    return spark.readStream.table("lines")

@dp.materialized_view
def counted():
    return spark.read.table("latest").groupBy("amount").count()
"""
SPEC = """
name: torture
catalog: main
database: shop
libraries:
  - glob: {include: transformations/**}
"""
# In the new process: a fork of one that speaks gRPC is not safe.
LIMITED = """
import os, resource, sys
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
os.execv(sys.argv[2], sys.argv[2:])
"""
KEYS = 20
Row = dict[str, Any]
Ended = subprocess.CompletedProcess[str]


class World:
    """A home with the pipeline; `seed` decides the rows that arrive."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.home = Home(folder / "home")
        self.spec = folder / "project" / "pipeline.yml"
        self._draws = random.Random(seed)
        self._ids = 0
        self._files = 0
        code = self.spec.parent / "transformations" / "lines.py"
        code.parent.mkdir(parents=True)
        code.write_text(CODE, encoding="utf-8")
        self.spec.write_text(SPEC, encoding="utf-8")

    def deliver(self, rows: int = 20) -> None:
        """One more file, put into its place whole."""
        folder = self.home.volumes / "shop" / "files" / "lines"
        folder.mkdir(parents=True, exist_ok=True)
        records = [self._record() for _ in range(rows)]
        self._files += 1
        scratch = folder / f".{self._files}"
        scratch.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
        scratch.rename(folder / f"{self._files:05}.json")

    def _record(self) -> Row:
        self._ids += 1
        # One in ten breaks the rule.
        return {
            "id": self._ids,
            "key": self._draws.randrange(KEYS),
            "amount": self._draws.choice((-1, *range(9))),
        }

    def command(self, *more: str) -> list[str]:
        """The command that updates the pipeline."""
        own = ["--spec", str(self.spec), "--home", str(self.home.path)]
        return [sys.executable, "-m", "lakehouse", "run", *own, *more]

    def start(self) -> subprocess.Popen[str]:
        """The command in a process of its own."""
        return subprocess.Popen(
            self.command(), cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *more: str, biggest_file: int | None = None, **variables: str) -> Ended:
        """The command, to its end, with these variables; it may write no file of more bytes than `biggest_file`."""
        limited = [] if biggest_file is None else [sys.executable, "-c", LIMITED, str(biggest_file)]
        return subprocess.run(
            [*limited, *self.command(*more)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=os.environ | variables,
        )

    def table(self, name: str) -> list[Row]:
        """The rows of a table as a reader finds them now; none where there is no table."""
        table = open_table(table_path(self.home.warehouse, f"shop.{name}"))
        return arrow_table(table).to_pylist() if table else []

    def faults(self, *, ended: bool) -> Iterator[str]:
        """What is lost, doubled or made up, by the raw files; only when an update has `ended` must all be there."""
        kept = [row for row in self._delivered() if row["amount"] >= 0]
        for name in ("lines", "copies", "delivered"):
            yield from _differences(name, self.table(name), kept, ended=ended)
        latest = {row["key"]: row for row in kept}
        history = [{c: row[c] for c in ("id", "key", "amount")} for row in self.table("history")]
        yield from _differences("history", history, kept, ended=ended)
        if ended:
            counts = Counter(row["amount"] for row in latest.values())
            counted = [{"amount": amount, "count": count} for amount, count in counts.items()]
            yield from _differences("latest", self.table("latest"), list(latest.values()), ended=True)
            yield from _differences("counted", self.table("counted"), counted, ended=True)
        elif max(Counter(row["key"] for row in self.table("latest")).values(), default=0) > 1:
            yield "latest: a key stands there twice"

    def _delivered(self) -> list[Row]:
        files = sorted((self.home.volumes / "shop" / "files" / "lines").glob("*.json"))
        return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def _differences(name: str, found: list[Row], wanted: list[Row], *, ended: bool) -> Iterator[str]:
    there, right = (Counter(json.dumps(row, sort_keys=True) for row in rows) for rows in (found, wanted))
    if more := there - right:
        yield f"{name}: {more.total()} rows doubled or made up, such as {next(iter(more))}"
    if ended and (less := right - there):
        yield f"{name}: {less.total()} rows lost, such as {next(iter(less))}"
