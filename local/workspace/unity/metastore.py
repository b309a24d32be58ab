"""The one metastore, as the workspace is assigned to it."""

from local.workspace.calls import routing
from local.workspace.calls.context import Ws
from local.workspace.storage import minilake
from local.workspace.storage.records import Record

router = routing.router("/api/2.1/unity-catalog/current-metastore-assignment")


class MetastoreAssignment(Record):
    """Which workspace has which metastore."""

    metastore_id: str
    workspace_id: int
    default_catalog_name: str


@router.get("")
async def current_metastore(ws: Ws) -> MetastoreAssignment:
    """This workspace's own: the Terraform provider binds an isolated catalog to the workspace that it says."""
    return MetastoreAssignment(
        metastore_id=minilake.METASTORE_ID,
        workspace_id=int(ws.identity.workspace_id),
        default_catalog_name="main",
    )
