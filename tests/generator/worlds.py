"""Small worlds in a folder, and their files read with nothing of the generator's: the csv and json modules."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.engine import RunReport, generate
from generator.spec import Settings

Row = dict[str, str]

RAW_FILE = "raw/{0}/{0}_run{1:05d}.csv"


@dataclass(frozen=True)
class World:
    """A world's folder; `small` sizes keep every test quick."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def cdc(self) -> Path:
        return self.folder / "cdc"

    def run(self, **settings: Any) -> list[RunReport]:
        return generate(Settings(**settings), self.raw, self.cdc)

    def rows(self, dataset: str, run: int | None = None) -> list[Row]:
        """The rows of a dataset's files in the order of their names."""
        pattern = f"{dataset}_run*.csv" if run is None else f"{dataset}_run{run:05d}.csv"
        return [row for path in sorted((self.raw / dataset).glob(pattern)) for row in read_csv(path)]

    def events(self, entity: str, run: int | None = None) -> list[dict]:
        """The events of an entity's files in the order of their names."""
        pattern = f"{entity}_run*.jsonl" if run is None else f"{entity}_run{run:05d}_*.jsonl"
        paths = sorted((self.cdc / entity).glob(pattern))
        return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]

    def files(self) -> dict[str, bytes]:
        """Every file that a reader may see, by its path below the folder."""
        paths = [*self.raw.rglob("*.csv"), *self.cdc.rglob("*.jsonl")]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in sorted(paths)}


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def small(**settings: Any) -> dict:
    """Settings of a world of a few hundred rows."""
    return {"orders": 150, "customers": 60, "products": 30, "sellers": 12, **settings}
