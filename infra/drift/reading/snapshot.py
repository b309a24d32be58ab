"""What the workspace holds of one stack, as plain data that the comparisons take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]
Grants = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Unity:
    """Unity Catalog below the stack's catalog.

    Attributes:
        catalog: the catalog, None when it is not there.
        schemas: every schema by full name, those left out that Databricks makes.
        volumes: the volumes of the declared schemas by full name.
        tables: the tables of the declared schemas by full name, with their columns.
        functions: the functions of the declared schemas by full name.
        models: the registered models of the declared schemas by full name.
        bindings: how each workspace may use the catalog, by the workspace's id; none where all may.
        grants: privileges granted on the object itself, by (catalog | schema | volume | table, full name),
            then by principal.
        tags: tag assignments by (entity type, entity name), then by key.
        policies: the policies of attributes on the object itself, by (catalog | schema | table, full name).
    """

    catalog: Document | None = None
    schemas: Mapping[str, Document] = field(default_factory=dict)
    volumes: Mapping[str, Document] = field(default_factory=dict)
    tables: Mapping[str, Document] = field(default_factory=dict)
    functions: Mapping[str, Document] = field(default_factory=dict)
    models: Mapping[str, Document] = field(default_factory=dict)
    bindings: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[tuple[str, str], Grants] = field(default_factory=dict)
    tags: Mapping[tuple[str, str], Mapping[str, Document]] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], Sequence[Document]] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkspaceCode:
    """The uploaded code.

    Attributes:
        objects: the root folder and everything below it, by path; empty without the root.
        hashes: MD5 of the contents of the declared files and notebooks that are there, by path.
        permissions: levels on all below the root, by path, then by principal; inherited ones left out.
    """

    objects: Mapping[str, Document] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Workloads:
    """Pipelines, jobs and the dashboard.

    Attributes:
        found: those that are there, by Terraform address.
        others: pipelines and jobs of a declared name that are not the stack's own, as (kind, document).
        permissions: levels by Terraform address of the object, then by principal; inherited ones left out.
        from_above: what each principal has on the root folder from a folder above; admins left out.
    """

    found: Mapping[str, Document] = field(default_factory=dict)
    others: Sequence[tuple[str, Document]] = ()
    permissions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    from_above: Mapping[str, str] = field(default_factory=dict)

    def address_of(self, object_id: object) -> str | None:
        """The Terraform address of the pipeline or job that has this id."""
        known = {str(id_of(document)): address for address, document in self.found.items()}
        return known.get(str(object_id))


@dataclass(frozen=True)
class Snapshot:
    """All of it.

    Attributes:
        workspace_id: the id of the workspace.
        unity: Unity Catalog below the stack's catalog.
        code: the uploaded code.
        work: pipelines, jobs and the dashboard.
        alerts: every alert.
        deployer: who deployed last: the owner of most jobs and pipelines, else the creator of the first.
        creators: who created a job or a pipeline: whoever deployed when it was not there.
        members: the names of the members of groups, by group; none of a group whose members are not shown.
        alert_permissions: levels by the title of each declared alert, then by principal; inherited ones left out.
    """

    workspace_id: str
    unity: Unity
    code: WorkspaceCode
    work: Workloads
    alerts: Sequence[Document]
    deployer: str | None
    creators: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    alert_permissions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def deployers(self) -> frozenset[str]:
        """Everybody who is known to have deployed."""
        return self.creators | ({self.deployer} if self.deployer else frozenset())


def alerts_called(title: str, alerts: Iterable[Document]) -> list[Document]:
    """Those of a title, the oldest first: of several that is the declared one."""
    named = (one for one in alerts if one.get("display_name") == title)
    return sorted(named, key=lambda one: one.get("create_time", ""))


def id_of(document: Document) -> Any:
    """The id of a job, pipeline or dashboard."""
    return document.get("job_id") or document.get("pipeline_id") or document.get("dashboard_id")
