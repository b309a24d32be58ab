"""The Lakeview API: a draft with an etag that each edit changes, what of it is published, and the trash."""

import json
import uuid
from typing import Literal

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws, now_ms, rfc3339
from local.workspace.calls.errors import conflict, exists, invalid, not_found
from local.workspace.calls.pages import Page, page_of
from local.workspace.files.objects import Objects
from local.workspace.files.paths import workspace_path
from local.workspace.storage.records import Collection, Record

router = routing.router("/api/2.0/lakeview/dashboards")


class DashboardBody(Record):
    """What a caller may set."""

    display_name: str | None = None
    parent_path: str | None = None
    serialized_dashboard: str | None = None
    warehouse_id: str | None = None
    etag: str | None = None


class DashboardDraft(Record):
    """The draft of a dashboard; `path` names it as a file of its folder."""

    dashboard_id: str
    display_name: str
    parent_path: str
    path: str
    serialized_dashboard: str
    warehouse_id: str
    etag: str
    lifecycle_state: Literal["ACTIVE", "TRASHED"]
    create_time: str
    update_time: str


class PublishBody(Record):
    """How a dashboard is published: with the publisher's rights when credentials are embedded."""

    embed_credentials: bool = True
    warehouse_id: str | None = None


class Published(Record):
    """What readers see: the draft as it was when it was published."""

    display_name: str
    embed_credentials: bool
    warehouse_id: str
    revision_create_time: str


class DashboardInfo(Record):
    """A dashboard in a list."""

    dashboard_id: str
    display_name: str
    lifecycle_state: str
    create_time: str
    warehouse_id: str


class DashboardsPage(Page):
    """A page of dashboards."""

    dashboards: list[DashboardInfo]


# The store's kind is what permissions call it.
DASHBOARD_RECORDS = Collection("dashboards", DashboardDraft)
_PUBLISHED = Collection("published_dashboards", Published)


@router.post("")
async def create_dashboard(ws: Ws, body: DashboardBody) -> DashboardDraft:
    """Create a draft; no other in its folder may have its name."""
    name, folder = body.display_name or "New Dashboard", workspace_path(body.parent_path or "/")
    if not Objects(ws.store).exists(folder):
        raise not_found(f"Path ({folder}) doesn't exist.")
    _check_name(ws, name, folder, None)
    moment = rfc3339(now_ms())
    made = DashboardDraft(
        dashboard_id=uuid.uuid4().hex,
        display_name=name,
        parent_path=folder,
        path=_path(folder, name),
        serialized_dashboard=_checked(body.serialized_dashboard or "{}"),
        warehouse_id=body.warehouse_id or "",
        etag=_etag(),
        lifecycle_state="ACTIVE",
        create_time=moment,
        update_time=moment,
    )
    DASHBOARD_RECORDS.put(ws.store, made.dashboard_id, made)
    return made


@router.get("")
async def list_dashboards(
    ws: Ws, page_size: int = 100, page_token: str = "", show_trashed: bool = False
) -> DashboardsPage:
    """Dashboards by name; those in the trash only when they are asked for."""
    found = [
        one for one in DASHBOARD_RECORDS.all(ws.store) if show_trashed or one.lifecycle_state == "ACTIVE"
    ]
    found.sort(key=lambda one: (one.display_name, one.dashboard_id))
    rows, token = page_of(found, page_size, page_token)
    fields = set(DashboardInfo.model_fields)
    infos = [DashboardInfo.model_validate(one.model_dump(include=fields)) for one in rows]
    return DashboardsPage(dashboards=infos, next_page_token=token)


@router.get("/{dashboard_id}")
async def get_dashboard(ws: Ws, dashboard_id: str) -> DashboardDraft:
    """One draft; one in the trash says so."""
    return _find(ws, dashboard_id)


@router.patch("/{dashboard_id}")
async def update_dashboard(ws: Ws, dashboard_id: str, body: DashboardBody) -> DashboardDraft:
    """Change a draft; with an etag only when nobody has changed it since. It stays in its folder, as on Databricks."""
    found = _find(ws, dashboard_id)
    if body.etag not in (None, found.etag):
        raise conflict(f"The dashboard {dashboard_id} was changed since its etag was {body.etag}")
    name = body.display_name or found.display_name
    _check_name(ws, name, found.parent_path, dashboard_id)
    changed = found.changed(
        display_name=name,
        path=_path(found.parent_path, name),
        serialized_dashboard=_checked(body.serialized_dashboard or found.serialized_dashboard),
        warehouse_id=body.warehouse_id if body.warehouse_id is not None else found.warehouse_id,
        etag=_etag(),
        update_time=rfc3339(now_ms()),
    )
    DASHBOARD_RECORDS.put(ws.store, dashboard_id, changed)
    return changed


@router.delete("/{dashboard_id}")
async def trash_dashboard(ws: Ws, dashboard_id: str) -> Record:
    """Put a dashboard into the trash, where it can still be read."""
    found = _find(ws, dashboard_id)
    with ws.store.transaction():
        DASHBOARD_RECORDS.put(ws.store, dashboard_id, found.changed(lifecycle_state="TRASHED"))
        _PUBLISHED.delete(ws.store, dashboard_id)
    return Record()


@router.post("/{dashboard_id}/published")
async def publish_dashboard(ws: Ws, dashboard_id: str, body: PublishBody) -> Published:
    """Publish the draft as it is."""
    found = _find(ws, dashboard_id)
    published = Published(
        display_name=found.display_name,
        embed_credentials=body.embed_credentials,
        warehouse_id=body.warehouse_id or found.warehouse_id,
        revision_create_time=rfc3339(now_ms()),
    )
    _PUBLISHED.put(ws.store, dashboard_id, published)
    return published


@router.get("/{dashboard_id}/published")
async def get_published(ws: Ws, dashboard_id: str) -> Published:
    """What is published."""
    published = _PUBLISHED.get(ws.store, dashboard_id)
    if published is None:
        raise not_found(f"The dashboard {dashboard_id} is not published")
    return published


@router.delete("/{dashboard_id}/published")
async def unpublish_dashboard(ws: Ws, dashboard_id: str) -> Record:
    """Take back what is published; the draft stays."""
    await get_published(ws, dashboard_id)
    _PUBLISHED.delete(ws.store, dashboard_id)
    return Record()


def _find(ws: Workspace, dashboard_id: str) -> DashboardDraft:
    found = DASHBOARD_RECORDS.get(ws.store, dashboard_id)
    if found is None:
        raise not_found(f"Unable to find dashboard [dashboardId={dashboard_id}]")
    return found


def _check_name(ws: Workspace, name: str, folder: str, own: str | None) -> None:
    active = [one for one in DASHBOARD_RECORDS.all(ws.store) if one.lifecycle_state == "ACTIVE"]
    if any(one.path == _path(folder, name) and one.dashboard_id != own for one in active):
        raise exists(f"Node named '{name}.lvdash.json' already exists in {folder}")


def _checked(text: str) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        raise invalid(f"The serialized dashboard is no JSON: {error}") from None
    return text


def _path(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}.lvdash.json"


def _etag() -> str:
    return str(uuid.uuid4().int % 10**9)
