from collections.abc import Iterator

import pytest
from databricks.sdk import WorkspaceClient

from common.home import Home
from local.workspace.http.serving import serving


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkspaceClient]:
    """A client of a workspace of its own."""
    with serving(Home(tmp_path_factory.mktemp("workspace-home"))) as running:
        yield running.client()
