from pathlib import Path
from textwrap import dedent

import pytest
from pyspark.sql import SparkSession

from local.engine.language.definitions import Definitions
from local.engine.language.loading.loading import load_pipeline
from local.engine.language.spec import PipelineSpec


class Files:
    """Somebody's pipeline: files that a test writes, and what they define."""

    def __init__(self, root: Path, session: SparkSession) -> None:
        self.root = root
        self.session = session

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def load(self, code: str | None = None, **configuration: str) -> Definitions:
        """What the files below transformations/ define, `code` as a.py among them; line 1 is its first."""
        if code is not None:
            self.write(
                "transformations/a.py", "from pyspark import pipelines as dp\n" + dedent(code).lstrip("\n")
            )
        settings = {key.replace("__", "."): value for key, value in configuration.items()}
        spec = PipelineSpec("theirs", self.root, ["transformations/**"], "main", "shop", settings)
        return load_pipeline(spec, self.session)


@pytest.fixture
def files(tmp_path: Path, sail: SparkSession) -> Files:
    return Files(tmp_path, sail)
