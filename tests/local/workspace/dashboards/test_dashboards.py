"""Dashboards through the SDK, as the provider and drift call them."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceAlreadyExists, ResourceConflict
from databricks.sdk.service.dashboards import Dashboard, LifecycleState
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

EMPTY = '{"datasets":[],"pages":[]}'


def made(client: WorkspaceClient, folder: str, name: str = "Sales") -> Dashboard:
    wanted = Dashboard(display_name=name, parent_path=folder, serialized_dashboard=EMPTY, warehouse_id="w1")
    return client.lakeview.create(wanted)


def test_an_edit_changes_the_etag_and_an_old_etag_is_refused(client: WorkspaceClient, folder: str) -> None:
    first = made(client, folder)
    assert first.dashboard_id
    assert first.path == f"{folder.removeprefix('/Workspace')}/Sales.lvdash.json"
    edited = client.lakeview.update(first.dashboard_id, Dashboard(display_name="Revenue", etag=first.etag))
    assert edited.etag != first.etag
    assert (edited.serialized_dashboard, edited.warehouse_id) == (EMPTY, "w1")
    with pytest.raises(ResourceConflict):
        client.lakeview.update(first.dashboard_id, Dashboard(display_name="Again", etag=first.etag))
    assert client.lakeview.get(first.dashboard_id).display_name == "Revenue"


def test_a_change_does_not_move_a_dashboard(client: WorkspaceClient, folder: str) -> None:
    first = made(client, folder)
    assert first.dashboard_id
    moved = client.lakeview.update(first.dashboard_id, Dashboard(parent_path="/Users"))
    assert (moved.parent_path, moved.path) == (first.parent_path, first.path)


def test_a_dashboard_is_published_and_taken_back(client: WorkspaceClient, folder: str) -> None:
    own = made(client, folder).dashboard_id
    assert own
    with pytest.raises(NotFound):
        client.lakeview.get_published(own)
    client.lakeview.publish(own, embed_credentials=False, warehouse_id="w2")
    published = client.lakeview.get_published(own)
    assert (published.embed_credentials, published.warehouse_id) == (False, "w2")
    client.lakeview.unpublish(own)
    with pytest.raises(NotFound):
        client.lakeview.get_published(own)


def test_the_trash_can_be_read_and_frees_the_name(client: WorkspaceClient, folder: str) -> None:
    own = made(client, folder).dashboard_id
    assert own
    with pytest.raises(ResourceAlreadyExists):
        made(client, folder)
    client.lakeview.trash(own)
    assert client.lakeview.get(own).lifecycle_state == LifecycleState.TRASHED
    assert own not in {one.dashboard_id for one in client.lakeview.list()}
    assert own in {one.dashboard_id for one in client.lakeview.list(show_trashed=True)}
    made(client, folder)


def test_what_cannot_be_is_refused(client: WorkspaceClient, folder: str) -> None:
    with pytest.raises(NotFound):
        made(client, f"{folder}/nothing")
    with pytest.raises(NotFound):
        client.lakeview.get("0123")
    with pytest.raises(BadRequest):
        client.lakeview.create(Dashboard(display_name="x", parent_path=folder, serialized_dashboard="{"))


def test_readers_are_given_a_level(client: WorkspaceClient, folder: str) -> None:
    own = made(client, folder).dashboard_id
    assert own
    entry = AccessControlRequest(group_name="readers", permission_level=PermissionLevel.CAN_READ)
    client.permissions.set("dashboards", own, access_control_list=[entry])
    found = client.permissions.get("dashboards", own)
    assert "readers" in {one.group_name for one in found.access_control_list or ()}
