"""Catalogs, schemas, volumes, grants, tags and permissions, through the SDK."""

from uuid import uuid4

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceConflict
from databricks.sdk.service.catalog import (
    CatalogIsolationMode,
    EntityTagAssignment,
    PermissionsChange,
    Privilege,
    VolumeType,
    WorkspaceBinding,
    WorkspaceBindingBindingType,
)
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from common.home import Home


@pytest.fixture
def catalog(client: WorkspaceClient) -> str:
    name = f"c_{uuid4().hex[:8]}"
    client.catalogs.create(name, comment="first", properties={"a": "b"})
    return name


def grants(client: WorkspaceClient, kind: str, name: str) -> dict[str | None, list[Privilege]]:
    found = client.grants.get(kind, name).privilege_assignments or []
    return {entry.principal: entry.privileges or [] for entry in found}


def grant(client: WorkspaceClient, kind: str, name: str, principal: str, privilege: Privilege) -> None:
    client.grants.update(kind, name, changes=[PermissionsChange(principal=principal, add=[privilege])])


def test_every_field_that_a_hand_can_change_is_kept(client: WorkspaceClient, catalog: str) -> None:
    client.catalogs.update(catalog, comment="second", owner="someone", properties={"c": "d"})
    found = client.catalogs.get(catalog)
    assert (found.comment, found.owner, found.properties) == ("second", "someone", {"c": "d"})
    client.schemas.create("s", catalog, comment="first")
    client.schemas.update(f"{catalog}.s", comment="second", owner="someone", properties={"c": "d"})
    schema = client.schemas.get(f"{catalog}.s")
    assert (schema.comment, schema.owner, schema.properties) == ("second", "someone", {"c": "d"})
    client.volumes.create(catalog, "s", "v", VolumeType.MANAGED, comment="first")
    client.volumes.update(f"{catalog}.s.v", comment="second", owner="someone")
    volume = client.volumes.read(f"{catalog}.s.v")
    assert (volume.comment, volume.owner) == ("second", "someone")


def test_blanked_fields_are_blank(client: WorkspaceClient, catalog: str) -> None:
    path = f"/api/2.1/unity-catalog/catalogs/{catalog}"
    client.api_client.do("PATCH", path, body={"comment": "", "properties": {}})
    assert not client.catalogs.get(catalog).comment
    assert not client.catalogs.get(catalog).properties


def test_a_full_catalog_goes_only_by_force_and_takes_all_with_it(
    client: WorkspaceClient, catalog: str, home: Home
) -> None:
    schema = f"s_{uuid4().hex[:8]}"
    client.schemas.create(schema, catalog)
    client.volumes.create(catalog, schema, "v", VolumeType.MANAGED)
    folder = home.volumes / schema / "v"
    (folder / "a.csv").write_text("1")
    with pytest.raises(BadRequest):
        client.catalogs.delete(catalog)
    with pytest.raises(BadRequest):
        client.schemas.delete(f"{catalog}.{schema}")
    client.catalogs.delete(catalog, force=True)
    assert not folder.exists()
    for gone in (lambda: client.catalogs.get(catalog), lambda: client.volumes.read(f"{catalog}.{schema}.v")):
        with pytest.raises(NotFound):
            gone()


def test_a_volume_takes_over_files_that_are_there(client: WorkspaceClient, catalog: str, home: Home) -> None:
    schema = f"s_{uuid4().hex[:8]}"
    folder = home.volumes / schema / "v"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("1")
    client.schemas.create(schema, catalog)
    client.volumes.create(catalog, schema, "v", VolumeType.MANAGED)
    assert [
        entry.name for entry in client.files.list_directory_contents(f"/Volumes/{catalog}/{schema}/v")
    ] == ["a.csv"]


def test_names_are_taken_once(client: WorkspaceClient, catalog: str) -> None:
    client.schemas.create("s", catalog)
    client.volumes.create(catalog, "s", "v", VolumeType.MANAGED)
    for again in (
        lambda: client.catalogs.create(catalog),
        lambda: client.schemas.create("s", catalog),
        lambda: client.volumes.create(catalog, "s", "v", VolumeType.MANAGED),
    ):
        with pytest.raises(ResourceConflict):
            again()


def test_a_renamed_catalog_keeps_what_is_in_it(client: WorkspaceClient, catalog: str) -> None:
    client.schemas.create("s", catalog)
    grant(client, "schema", f"{catalog}.s", "readers", Privilege.USE_SCHEMA)
    client.catalogs.update(catalog, new_name=f"{catalog}_new")
    assert client.schemas.get(f"{catalog}_new.s").catalog_name == f"{catalog}_new"
    assert grants(client, "schema", f"{catalog}_new.s") == {"readers": [Privilege.USE_SCHEMA]}


def test_grants_follow_their_object(client: WorkspaceClient, catalog: str) -> None:
    client.schemas.create("s", catalog)
    name = f"{catalog}.s"
    grant(client, "schema", name, "readers", Privilege.SELECT)
    grant(client, "catalog", catalog, "readers", Privilege.USE_CATALOG)
    assert grants(client, "schema", name) == {"readers": [Privilege.SELECT]}
    effective = client.grants.get_effective("schema", name).privilege_assignments or []
    assert {p.privilege for entry in effective for p in entry.privileges or []} == {
        Privilege.SELECT,
        Privilege.USE_CATALOG,
    }
    client.schemas.delete(name)
    with pytest.raises(NotFound):
        grants(client, "schema", name)
    client.schemas.create("s", catalog)
    assert grants(client, "schema", name) == {}


def test_tags_are_put_changed_and_gone_with_their_object(client: WorkspaceClient, catalog: str) -> None:
    client.schemas.create("s", catalog)
    tags = client.entity_tag_assignments
    made = EntityTagAssignment(
        entity_type="schemas", entity_name=f"{catalog}.s", tag_key="pii", tag_value="true"
    )
    tags.create(made)
    with pytest.raises(ResourceConflict):
        tags.create(made)
    made.tag_value = "false"
    tags.update("schemas", f"{catalog}.s", "pii", made, update_mask="tag_value")
    assert [tag.tag_value for tag in tags.list("schemas", f"{catalog}.s")] == ["false"]
    client.schemas.delete(f"{catalog}.s")
    client.schemas.create("s", catalog)
    assert list(tags.list("schemas", f"{catalog}.s")) == []
    with pytest.raises(NotFound):
        tags.get("schemas", f"{catalog}.s", "pii")


def test_permissions_belong_to_what_exists(client: WorkspaceClient, folder: str) -> None:
    job_id = str(client.jobs.create(name="permissions").job_id)
    pipeline_id = str(client.pipelines.create(name=uuid4().hex).pipeline_id)
    object_id = str(client.workspace.get_status(folder).object_id)
    levels = {
        ("jobs", job_id): PermissionLevel.CAN_MANAGE_RUN,
        ("pipelines", pipeline_id): PermissionLevel.CAN_RUN,
        ("directories", object_id): PermissionLevel.CAN_READ,
    }
    for (kind, name), level in levels.items():
        entry = AccessControlRequest(group_name="engineers", permission_level=level)
        client.permissions.set(kind, name, access_control_list=[entry])
        found = client.permissions.get(kind, name)
        direct = {
            acl.group_name or acl.user_name: [
                p.permission_level for p in acl.all_permissions or [] if not p.inherited
            ]
            for acl in found.access_control_list or []
        }
        assert direct["engineers"] == [level]
        assert found.object_id == f"/{kind}/{name}"
    client.jobs.delete(int(job_id))
    with pytest.raises(NotFound):
        client.permissions.get("jobs", job_id)


def test_a_level_that_does_not_exist_is_refused(client: WorkspaceClient) -> None:
    job_id = str(client.jobs.create(name="levels").job_id)
    entry = AccessControlRequest(group_name="engineers", permission_level=PermissionLevel.CAN_READ)
    with pytest.raises(BadRequest):
        client.permissions.update("jobs", job_id, access_control_list=[entry])


def test_the_metastore_is_assigned_to_this_workspace(client: WorkspaceClient) -> None:
    """The provider binds an isolated catalog to the workspace that this says, and no other may reach it."""
    assert client.metastores.current().workspace_id == client.get_workspace_id()


def bindings(client: WorkspaceClient, catalog: str) -> dict[int | None, WorkspaceBindingBindingType | None]:
    return {
        one.workspace_id: one.binding_type
        for one in client.workspace_bindings.get_bindings("catalog", catalog)
    }


def test_both_calls_bind_a_catalog_to_workspaces(client: WorkspaceClient, catalog: str) -> None:
    """Terraform's provider binds by the newer call, and asks the older one before it drops an isolated catalog."""
    own, bound = client.get_workspace_id(), client.workspace_bindings
    client.catalogs.update(catalog, isolation_mode=CatalogIsolationMode.ISOLATED)
    assert bound.get(catalog).workspaces == [own]
    read_only = WorkspaceBindingBindingType.BINDING_TYPE_READ_ONLY
    read_write = WorkspaceBindingBindingType.BINDING_TYPE_READ_WRITE
    bound.update_bindings(
        "catalog",
        catalog,
        add=[WorkspaceBinding(binding_type=read_only, workspace_id=7), WorkspaceBinding(workspace_id=8)],
    )
    assert bindings(client, catalog) == {own: read_write, 7: read_only, 8: read_write}
    assert bound.update(catalog, assign_workspaces=[9], unassign_workspaces=[7]).workspaces == [own, 8, 9]
    assert bindings(client, catalog) == {own: read_write, 8: read_write, 9: read_write}
    client.catalogs.delete(catalog)
    with pytest.raises(NotFound):
        bound.update(catalog, assign_workspaces=[own])
