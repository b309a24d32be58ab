import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from lakehouse import main_job
from lakehouse.specs import spec_of
from local.engine.sessions.engines import EngineName
from tests.java import SLOW, need_java


@dataclass(frozen=True)
class Checkout:
    """A copy of the pipelines."""

    root: Path

    def edit(self, file: str, before: str, after: str) -> None:
        text = (self.root / file).read_text()
        assert before in text
        (self.root / file).write_text(text.replace(before, after))


@pytest.fixture(scope="module", params=["sail", pytest.param("spark", marks=pytest.mark.slow_on_spark)])
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; Apache Spark where there is Java, and minutes."""
    if request.param == "spark":
        if not os.environ.get(SLOW):
            pytest.skip(f"Apache Spark takes minutes: {SLOW}=1")
        need_java()
    return request.param


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """What the main job runs; the tests of a module share it, each with the edits of those before."""
    root = tmp_path_factory.mktemp("code")
    shutil.copytree(REPOSITORY / "pipelines", root / "pipelines")
    with pytest.MonkeyPatch.context() as patch:
        # The checkout's own would be imported in place of the copy's.
        for name in [name for name in sys.modules if name.partition(".")[0] == "pipelines"]:
            patch.delitem(sys.modules, name)
        patch.setattr(main_job, "spec_of", partial(spec_of, root=root))
        yield Checkout(root)
