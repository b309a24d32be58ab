"""Where data lives: the catalog, its schemas and its volumes."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.catalog import Catalog
from cdktf_cdktf_provider_databricks.schema import Schema
from cdktf_cdktf_provider_databricks.volume import Volume
from constructs import Construct

from infra.stack.settings import Environment
from pipelines.catalog import SCHEMAS, VOLUMES
from pipelines.catalog import Schema as SchemaEntry
from pipelines.catalog import Volume as VolumeEntry


@dataclass(frozen=True)
class Storage:
    """The securables that hold data; `schemas` and `volumes` are keyed by their short names."""

    catalog: Catalog
    schemas: dict[str, Schema]
    volumes: dict[str, Volume]


def declare_storage(scope: Construct, environment: Environment) -> Storage:
    """The catalog, its schemas and volumes, owned by a group; where `environment.protect` nothing destroys them.

    The catalog is of this workspace alone: what other workspaces of the metastore run cannot reach it.
    """
    catalog = Catalog(
        scope,
        "catalog",
        name=environment.catalog,
        comment=f"Olist lakehouse, {environment.name}: e-commerce orders from raw files to aggregates",
        storage_root=environment.storage_root,
        owner=environment.groups.owners,
        isolation_mode="ISOLATED",
        properties=environment.tags,
        force_destroy=environment.force_destroy,
        lifecycle=protecting_lifecycle(environment),
    )
    schemas = {entry.name: _schema(scope, environment, catalog, entry) for entry in SCHEMAS}
    volumes = {entry.name: _volume(scope, environment, schemas, entry) for entry in VOLUMES}
    return Storage(catalog, schemas, volumes)


def full_name(securable: Schema | Volume) -> str:
    """`catalog.schema` or `catalog.schema.volume`, by references.

    Unlike `id` it is known before the first apply, so a review of that plan sees who gains access.
    """
    parents = [securable.catalog_name]
    if isinstance(securable, Volume):
        parents.append(securable.schema_name)
    return ".".join([*parents, securable.name])


def _schema(scope: Construct, environment: Environment, catalog: Catalog, entry: SchemaEntry) -> Schema:
    return Schema(
        scope,
        f"schema_{entry.name}",
        catalog_name=catalog.name,
        name=entry.name,
        comment=entry.comment,
        owner=environment.groups.owners,
        properties=environment.tags,
        force_destroy=environment.force_destroy,
        lifecycle=protecting_lifecycle(environment),
    )


def _volume(
    scope: Construct, environment: Environment, schemas: dict[str, Schema], entry: VolumeEntry
) -> Volume:
    schema = schemas[entry.schema]
    return Volume(
        scope,
        f"volume_{entry.name}",
        catalog_name=schema.catalog_name,
        schema_name=schema.name,
        name=entry.name,
        volume_type="MANAGED",
        owner=environment.groups.owners,
        comment=entry.comment,
        lifecycle=protecting_lifecycle(environment),
    )


def protecting_lifecycle(environment: Environment) -> TerraformResourceLifecycle | None:
    """That Terraform never destroys a resource, where the environment is protected."""
    return TerraformResourceLifecycle(prevent_destroy=True) if environment.protect else None
