"""Pipeline specs of any project."""

from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.spec import read_spec


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
