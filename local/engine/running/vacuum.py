"""Deletes the files of old versions of a home's tables."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from common.home import Home
from local.engine.cdc.hidden import repair
from local.engine.storage.log import cdc_state_of

HOURS = 24


@dataclass(frozen=True)
class Vacuumed:
    """A table and the bytes of its data files before and after a clean-up."""

    name: str
    bytes_before: int
    bytes_now: int


def vacuum(home: Home, days: float) -> list[Vacuumed]:
    """Deletes what no version of the last `days` needs, of each table, hidden ones too.

    Older versions can no longer be read. The caller holds the home's lock: no update is under way whose files nothing
    refers to yet.
    """
    logs = sorted(home.warehouse.glob("**/_delta_log"))
    for log in logs:
        if cdc_state_of(log.parent).exists():
            repair(log.parent, cdc_state_of(log.parent))
    return [_vacuumed(home, log.parent, days) for log in logs]


def _vacuumed(home: Home, folder: Path, days: float) -> Vacuumed:
    before = _bytes(folder)
    for stage in folder.glob("_stage-*"):
        shutil.rmtree(stage)
    DeltaTable(folder).vacuum(
        # Whole hours; at least what was asked for.
        retention_hours=int(-(-days * HOURS // 1)),
        dry_run=False,
        enforce_retention_duration=False,
        full=True,
    )
    name = ".".join(folder.relative_to(home.warehouse).parts).replace(".db.", ".", 1)
    return Vacuumed(name, before, _bytes(folder))


def _bytes(folder: Path) -> int:
    files = [file for file in folder.rglob("*.parquet") if "_delta_log" not in file.parts]
    return sum(file.stat().st_size for file in files)
