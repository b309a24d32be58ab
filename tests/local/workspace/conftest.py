from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import VolumeType

from common.home import Home
from local.workspace.http.serving import Served, serving


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("workspace-home"))


@pytest.fixture(scope="session")
def served(home: Home) -> Iterator[Served]:
    """One real server for every test that does not end it; tests keep to names of their own."""
    with serving(home) as running:
        yield running


@pytest.fixture(scope="session")
def client(served: Served) -> WorkspaceClient:
    return served.client()


@pytest.fixture
def folder(client: WorkspaceClient) -> str:
    """A workspace folder of this test's own."""
    path = f"/Workspace/Shared/{uuid4().hex}"
    client.workspace.mkdirs(path)
    return path


@pytest.fixture
def volume(client: WorkspaceClient) -> str:
    """The path of a volume of this test's own."""
    catalog, schema = f"c_{uuid4().hex[:8]}", f"s_{uuid4().hex[:8]}"
    client.catalogs.create(catalog)
    client.schemas.create(schema, catalog)
    client.volumes.create(catalog, schema, "files", VolumeType.MANAGED)
    return f"/Volumes/{catalog}/{schema}/files"


@pytest.fixture
def fresh_home(tmp_path: Path) -> Home:
    """A home without a workspace, for tests that end or break it."""
    return Home(tmp_path / "home")
