"""Who may do what with data: one `databricks_grants` a securable, to groups only.

`databricks_grants` owns all grants of its securable, so a grant made by hand is seen and undone; a
`databricks_grant` beside it would fight with it.
"""

from collections.abc import Iterable

from cdktf_cdktf_provider_databricks.grants import Grants, GrantsGrant
from constructs import Construct

from infra.stack.constructs.catalog import Storage, full_name
from infra.stack.settings import Environment, Groups
from pipelines.catalog import RESTRICTED, VOLUMES, Volume

READ = ("USE_SCHEMA", "SELECT")
WRITE = (*READ, "MODIFY", "CREATE_TABLE", "CREATE_MATERIALIZED_VIEW", "REFRESH")
FILES = ("READ_VOLUME", "WRITE_VOLUME")


def declare_grants(scope: Construct, environment: Environment, storage: Storage) -> list[Grants]:
    """The grants of the catalog, of each schema and of each volume, by role."""
    groups = environment.groups
    catalog = Grants(
        scope,
        "grants_catalog",
        catalog=storage.catalog.name,
        grant=_blocks([(group, ["USE_CATALOG"]) for group in vars(groups).values()]),
    )
    schemas = [
        Grants(
            scope,
            f"grants_{name}",
            schema=full_name(schema),
            grant=_blocks(_schema_grants(environment, name)),
        )
        for name, schema in storage.schemas.items()
    ]
    volumes = [
        Grants(
            scope,
            f"grants_volume_{entry.name}",
            volume=full_name(storage.volumes[entry.name]),
            grant=_blocks(_file_grants(groups, entry)),
        )
        for entry in VOLUMES
    ]
    return [catalog, *schemas, *volumes]


def _schema_grants(environment: Environment, schema: str) -> list[tuple[str, Iterable[str]]]:
    groups = environment.groups
    if schema == "raw":
        # Files only: the way to its volume needs no more.
        return [(groups.engineers, ("USE_SCHEMA",)), (groups.runners, ("USE_SCHEMA",))]
    if schema in RESTRICTED:
        return [(groups.runners, WRITE)]
    readers = [(groups.readers, READ)] if schema in environment.reader_schemas else []
    return [*readers, (groups.engineers, READ), (groups.runners, WRITE)]


def _file_grants(groups: Groups, volume: Volume) -> list[tuple[str, Iterable[str]]]:
    if volume.schema in RESTRICTED:
        return [(groups.runners, FILES)]
    return [(groups.engineers, FILES), (groups.runners, FILES)]


def _blocks(grants: list[tuple[str, Iterable[str]]]) -> list[GrantsGrant]:
    """One block a principal, sorted: a group with two roles gets the privileges of both."""
    merged: dict[str, set[str]] = {}
    for principal, privileges in grants:
        merged.setdefault(principal, set()).update(privileges)
    return [GrantsGrant(principal=name, privileges=sorted(merged[name])) for name in sorted(merged)]
