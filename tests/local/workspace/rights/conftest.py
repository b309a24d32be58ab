from collections.abc import Iterator
from pathlib import Path

import pytest

from common.home import Home
from local.workspace.http.serving import serving
from tests.local.workspace.rights.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A workspace with the principals of prod and something of each kind, in which a reader has no right."""
    home = Home(Path(tmp_path_factory.mktemp("rights")) / "home")
    with serving(home, "--env", "prod") as served:
        yield World(served)
