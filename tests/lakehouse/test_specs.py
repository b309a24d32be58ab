"""This repository's pipelines as the engine takes them, and what pipelines/catalog.py says of them."""

from pathlib import Path

from common.checkout import REPOSITORY
from common.home import Home
from lakehouse.specs import spec_of
from pipelines import schemas
from pipelines.catalog import (
    CHANGE_FILES,
    GATE,
    MEDALLION,
    PIPELINES,
    RAW_FILES,
    SCHEMAS,
    VOLUMES,
    WRITER,
    writer_of,
)
from pipelines.shared.rules import BY_SCHEMA
from tests.pipelines.settings import settings_read


def test_the_specs_hold_every_dataset_file_once() -> None:
    files = [file for pipeline in PIPELINES for file in spec_of(pipeline.name).files()]
    folders = [REPOSITORY / "pipelines" / pipeline.name for pipeline in PIPELINES]
    expected = [f for folder in folders for f in folder.rglob("*.py") if f.name != "__init__.py"]
    assert sorted(files) == sorted(expected)


def test_a_spec_has_every_setting_that_its_files_read() -> None:
    for pipeline in PIPELINES:
        spec = spec_of(pipeline.name)
        read = {name for file in spec.files() for name in settings_read(file.read_text(encoding="utf-8"))}
        assert read or pipeline is GATE
        assert read <= spec.configuration.keys(), pipeline.name


def test_every_table_stands_in_a_schema_that_one_pipeline_writes() -> None:
    assert {table.schema_name for table in schemas.TABLES} == set(WRITER) == set(BY_SCHEMA)
    for pipeline in (MEDALLION, GATE):
        named = {t.name for t in schemas.TABLES if t.schema_name == "utils" and writer_of(t.name) is pipeline}
        assert named == set(pipeline.tables)
    assert set(WRITER) | {volume.schema for volume in VOLUMES} == {schema.name for schema in SCHEMAS}


def test_a_home_keeps_files_as_the_volumes_do(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for volume, folder in ((RAW_FILES, home.raw), (CHANGE_FILES, home.cdc)):
        assert folder == home.volumes / volume.schema / volume.name
