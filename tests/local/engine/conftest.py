from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from common.home import Home
from local.engine.catalog import attach
from local.engine.events import UpdateResult
from local.engine.session import Engine, start_engine
from local.engine.spec import PipelineSpec
from local.engine.update import run_update
from tests.oracle import rows_of


class Project:
    """Somebody's pipeline: files that a test writes, and a home to run them in."""

    def __init__(self, path: Path) -> None:
        self.root = path / "project"
        self.home = Home(path / "home")
        self.home.state.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
        return file

    def volume(self, name: str, content: str | bytes) -> Path:
        file = self.home.volumes / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    @property
    def spec(self) -> PipelineSpec:
        return PipelineSpec("theirs", self.root, ["transformations/**"], "main", "shop", {"shop.limit": "10"})

    def run(self, **options: bool | list[str]) -> UpdateResult:
        return run_update(self.spec, self.home, **options)  # pyright: ignore

    def rows(self, table: str) -> list[dict]:
        session = start_engine(self.home.warehouse).session()
        attach(session, self.home, [table])
        return sorted(rows_of(session.read.table(table)), key=str)


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Project:
    return Project(tmp_path)


NewProject = Callable[[], Project]
