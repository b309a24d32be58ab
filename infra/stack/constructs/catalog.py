"""Where data lives: the catalog, its schemas and its volumes."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.catalog import Catalog
from cdktf_cdktf_provider_databricks.schema import Schema
from cdktf_cdktf_provider_databricks.volume import Volume
from constructs import Construct

from infra.stack.settings import Environment

SCHEMAS = {
    "raw": "Files as they arrived: one volume, one folder a dataset, never rewritten",
    "bronze": "Every raw row as text, with what did not fit and where it came from",
    "silver": "Typed, cleaned, one row per key",
    "gold": "What the business reads: five aggregates without personal data",
    "cdc": "Change events of customers, products and sellers: current rows and history",
    "utils": "Rejected rows, results of the expectations, reconciliation",
}
VOLUMES = {
    "olist": ("raw", "Raw CSV files, one folder a dataset"),
    "cdc_volume": ("cdc", "Change events as JSON lines, one folder an entity"),
}


@dataclass(frozen=True)
class Storage:
    """The securables that hold data; `schemas` and `volumes` are keyed by their short names."""

    catalog: Catalog
    schemas: dict[str, Schema]
    volumes: dict[str, Volume]


def declare_storage(scope: Construct, environment: Environment) -> Storage:
    """The catalog, its schemas and volumes; where `environment.protect`, Terraform never destroys them."""
    catalog = Catalog(
        scope,
        "catalog",
        name=environment.catalog,
        comment=f"Olist lakehouse, {environment.name}: e-commerce orders from raw files to aggregates",
        storage_root=environment.storage_root,
        properties=environment.tags,
        force_destroy=environment.force_destroy,
        lifecycle=_lifecycle(environment),
    )
    schemas = {name: _schema(scope, environment, catalog, name) for name in SCHEMAS}
    volumes = {name: _volume(scope, environment, schemas, name) for name in VOLUMES}
    return Storage(catalog, schemas, volumes)


def full_name(securable: Schema | Volume) -> str:
    """`catalog.schema` or `catalog.schema.volume`, by references.

    Unlike `id` it is known before the first apply, so a review of that plan sees who gains access.
    """
    parents = [securable.catalog_name]
    if isinstance(securable, Volume):
        parents.append(securable.schema_name)
    return ".".join([*parents, securable.name])


def _schema(scope: Construct, environment: Environment, catalog: Catalog, name: str) -> Schema:
    return Schema(
        scope,
        f"schema_{name}",
        catalog_name=catalog.name,
        name=name,
        comment=SCHEMAS[name],
        properties=environment.tags,
        force_destroy=environment.force_destroy,
        lifecycle=_lifecycle(environment),
    )


def _volume(scope: Construct, environment: Environment, schemas: dict[str, Schema], name: str) -> Volume:
    schema, comment = VOLUMES[name]
    return Volume(
        scope,
        f"volume_{name}",
        catalog_name=schemas[schema].catalog_name,
        schema_name=schemas[schema].name,
        name=name,
        volume_type="MANAGED",
        comment=comment,
        lifecycle=_lifecycle(environment),
    )


def _lifecycle(environment: Environment) -> TerraformResourceLifecycle | None:
    return TerraformResourceLifecycle(prevent_destroy=True) if environment.protect else None
