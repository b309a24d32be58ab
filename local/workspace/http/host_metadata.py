"""Calls that clients make before any other: what the host is and who is asking."""

from fastapi import Request
from pydantic import Field

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Ws
from local.workspace.storage import directory
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


class Me(Record):
    """The caller; a service principal is called by its application id."""

    id: str
    user_name: str = Field(alias="userName")
    display_name: str | None = Field(default=None, alias="displayName")
    active: bool = True


@router.get("/api/2.0/preview/scim/v2/Me")
async def me() -> Me:
    """The user or the service principal whose token it is."""
    name = caller_name()
    found = directory.entry_of(name)
    shown = {"id": found.id, "displayName": found.display_name} if found else {"id": name}
    return Me.model_validate({"userName": name, "active": True, **shown})
