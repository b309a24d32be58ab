"""Calls that clients make before any other: what the host is and who is asking."""

from typing import Any

from fastapi import APIRouter, Request

from local.workspace.calls.context import Ws

router = APIRouter()


@router.get("/.well-known/databricks-config")
async def databricks_config(request: Request, ws: Ws) -> dict[str, Any]:
    """What the SDK and the provider ask without a token; there is no OAuth here."""
    return {
        "oidc_endpoint": f"{str(request.base_url).rstrip('/')}/oidc",
        "workspace_id": ws.identity.workspace_id,
        "host_type": "workspace",
    }
