"""Pipeline specs: ours, and anybody's."""

from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.spec import PIPELINES, our_spec, read_spec


def test_our_specs_hold_every_dataset_file_once(repository: Path) -> None:
    files = [file for name in PIPELINES for file in our_spec(name).files()]
    folders = [repository / "pipelines" / name for name in PIPELINES]
    expected = [f for folder in folders for f in folder.rglob("*.py") if f.name != "__init__.py"]
    assert sorted(files) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name: a\nstorag: x\n", "storag"),
        ("storage: x\n", "name"),
        ("name: a\nconfiguration: {k: 1}\n", "configuration"),
        ("- a\n", "is no Spark pipeline spec"),
        ("name: [\n", "is no Spark pipeline spec"),
        ("name: a\nlibraries:\n  - glob: x\n", "is no Spark pipeline spec"),
    ],
)
def test_a_wrong_spec_is_an_error_that_names_the_file_and_field(
    tmp_path: Path, text: str, error: str
) -> None:
    path = tmp_path / "spark-pipeline.yml"
    path.write_text(text)
    with pytest.raises(UserError, match=error) as raised:
        read_spec(path)
    assert str(path) in str(raised.value)


def test_a_pipeline_without_files_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "spark-pipeline.yml"
    path.write_text("name: empty\nlibraries:\n  - glob:\n      include: transformations/**\n")
    with pytest.raises(UserError, match=r"pipeline empty: no \.py or \.sql file"):
        read_spec(path).files()
