"""Who may do what with data: one `databricks_grants` a securable, to groups only.

`databricks_grants` owns all grants of its securable, so a grant made by hand is seen and undone; a
`databricks_grant` beside it would fight with it.
"""

from collections.abc import Iterable

from cdktf import TerraformLocal
from cdktf_cdktf_provider_databricks.grants import Grants, GrantsGrant
from constructs import Construct

from infra.stack.constructs.catalog import Storage, full_name
from infra.stack.constructs.existing_tables import TABLES_THERE
from infra.stack.settings import Environment, Groups
from pipelines.catalog import RESTRICTED, VOLUMES, Volume

READ = ("USE_SCHEMA", "SELECT")
# What an update makes is its own: to read, to write and to refresh that takes no privilege.
MAKE = ("USE_SCHEMA", "CREATE_TABLE", "CREATE_MATERIALIZED_VIEW")
READ_FILES = ("READ_VOLUME",)
WRITE_FILES = ("READ_VOLUME", "WRITE_VOLUME")
# Databricks shows all grants to managers alone, and who manages can grant.
SEE_ALL = ("USE_SCHEMA", "MANAGE")


def declare_grants(scope: Construct, environment: Environment, storage: Storage) -> list[Grants]:
    """The grants of the catalog, of each schema and of each volume, by role."""
    groups = environment.groups
    catalog = Grants(
        scope,
        "grants_catalog",
        catalog=storage.catalog.name,
        grant=_blocks(_catalog_grants(groups)),
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
            grant=_blocks(_file_grants(environment, entry)),
        )
        for entry in VOLUMES
    ]
    return [catalog, *schemas, *volumes]


def declare_table_grants(scope: Construct, environment: Environment, storage: Storage) -> None:
    """Readers' SELECT by table, on those that are there when planning: schemas have no exceptions."""
    if not environment.reader_tables:
        return
    catalog = storage.catalog.name
    TerraformLocal(scope, "reader_tables", [f"{catalog}.{table}" for table in environment.reader_tables])
    grants = Grants(
        scope,
        "grants_reader_table",
        table="${each.key}",
        grant=_blocks([(environment.groups.readers, ("SELECT",))]),
    )
    grants.add_override("for_each", f"${{setintersection(local.reader_tables, {TABLES_THERE})}}")


def _catalog_grants(groups: Groups) -> list[tuple[str, Iterable[str]]]:
    return [
        *((group, ("USE_CATALOG",)) for group in vars(groups).values()),
        (groups.planners, SEE_ALL),
        (groups.drift, SEE_ALL),
        # The columns that are tagged are those of the runner's tables.
        (groups.owners, ("APPLY_TAG",)),
    ]


def _schema_grants(environment: Environment, schema: str) -> list[tuple[str, Iterable[str]]]:
    groups = environment.groups
    ingest = [(groups.ingest, ("USE_SCHEMA",))] if any(one.schema == schema for one in VOLUMES) else []
    if schema == "raw":
        # Files only: the way to its volume needs no more.
        return [*ingest, (groups.engineers, ("USE_SCHEMA",)), (groups.runners, ("USE_SCHEMA",))]
    if schema in RESTRICTED:
        return [(groups.runners, MAKE)]
    return [*_readers_grants(environment, schema), *ingest, (groups.engineers, READ), (groups.runners, MAKE)]


def _readers_grants(environment: Environment, schema: str) -> list[tuple[str, Iterable[str]]]:
    if schema in environment.reader_schemas:
        return [(environment.groups.readers, READ)]
    if schema in environment.schemas_by_table:
        return [(environment.groups.readers, ("USE_SCHEMA",))]
    return []


def _file_grants(environment: Environment, volume: Volume) -> list[tuple[str, Iterable[str]]]:
    groups = environment.groups
    if volume.schema in RESTRICTED:
        return [(groups.runners, WRITE_FILES)]
    made_up_by_the_job = WRITE_FILES if environment.generate else READ_FILES
    return [
        (groups.engineers, READ_FILES),
        (groups.runners, made_up_by_the_job),
        (groups.ingest, WRITE_FILES),
    ]


def _blocks(grants: list[tuple[str, Iterable[str]]]) -> list[GrantsGrant]:
    """One block a principal, sorted: a group with two roles gets the privileges of both."""
    merged: dict[str, set[str]] = {}
    for principal, privileges in grants:
        merged.setdefault(principal, set()).update(privileges)
    return [GrantsGrant(principal=name, privileges=sorted(merged[name])) for name in sorted(merged)]
