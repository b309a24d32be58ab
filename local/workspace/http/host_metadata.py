"""Calls that clients make before any other: what the host is and who is asking."""

from fastapi import Request

from local.workspace.calls import routing
from local.workspace.calls.context import Ws
from local.workspace.storage.records import Record

router = routing.router()


class HostMetadata(Record):
    """What a host is: `oidc_endpoint` answers nothing here."""

    oidc_endpoint: str
    workspace_id: str
    host_type: str


@router.get("/.well-known/databricks-config")
async def databricks_config(request: Request, ws: Ws) -> HostMetadata:
    """What the SDK and the provider ask without a token; there is no OAuth here."""
    return HostMetadata(
        oidc_endpoint=f"{str(request.base_url).rstrip('/')}/oidc",
        workspace_id=ws.identity.workspace_id,
        host_type="workspace",
    )
