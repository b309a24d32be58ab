"""What of the main job runs, by what stands in the home."""

from pathlib import Path

import pytest

from common.home import Home
from lakehouse.main_job import specs_of
from local.engine.storage.log import table_path
from pipelines.lineage import SOURCES

WRITTEN = ["privacy", "bronze", "utils.judgements"]


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ([], []),
        (["cdc"], []),
        (WRITTEN, ["quarantine"]),
        ([*WRITTEN, "silver"], ["quarantine", "reconciliation"]),
        ([*WRITTEN, "cdc"], ["event_judgements", "quarantine"]),
        (
            [*WRITTEN, "silver", "cdc"],
            ["event_judgements", "expectation_results", "quarantine", "reconciliation"],
        ),
        (
            [*WRITTEN, "silver", "utils.reconciliation"],
            ["quarantine", "reconciliation", "verdict"],
        ),
    ],
)
def test_quality_and_the_gate_write_what_has_its_sources(
    tmp_path: Path, written: list[str], files: list[str]
) -> None:
    for table in SOURCES:
        if table in written or table.partition(".")[0] in written:
            (table_path(tmp_path / "warehouse", table) / "_delta_log").mkdir(parents=True)
    specs = list(specs_of(Home(tmp_path), ["quality", "gate", "gold"]))
    assert [file.stem for spec in specs for file in spec.files()] == files
