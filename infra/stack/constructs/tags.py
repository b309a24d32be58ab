"""Where personal data lies, as Unity Catalog tags: on schemas and volumes, and on columns once they exist.

The columns come from pipelines/schemas, where they are marked. Why tags and how they reach an empty account:
docs/decisions/0040-personal-data.md.
"""

from collections.abc import Iterable

from cdktf import TerraformLocal
from cdktf_cdktf_provider_databricks.data_databricks_catalogs import DataDatabricksCatalogs
from cdktf_cdktf_provider_databricks.data_databricks_schemas import DataDatabricksSchemas
from cdktf_cdktf_provider_databricks.data_databricks_tables import DataDatabricksTables
from cdktf_cdktf_provider_databricks.entity_tag_assignment import EntityTagAssignment
from constructs import Construct

from infra.stack.constructs.catalog import Storage, full_name
from infra.stack.settings import Environment
from pipelines.schemas import TABLES

CATALOG_EXISTS = "${contains(data.databricks_catalogs.visible.ids, databricks_catalog.catalog.name) ? 1 : 0}"
SCHEMAS_FOUND = "${setintersection(local.pii_schemas, flatten(data.databricks_schemas.found[*].ids))}"
TABLE_EXISTS = """contains(
  flatten([for found in data.databricks_tables.tables : found.ids]),
  join(".", slice(split(".", column), 0, 3))
)"""
TAG_KEY, TAG_VALUE = "pii", "true"


def personal_columns() -> list[str]:
    """Every column that identifies a person, as `schema.table.column`, sorted."""
    return sorted(f"{table.name}.{column.name}" for table in TABLES for column in table.columns if column.pii)


def declare_tags(scope: Construct, environment: Environment, storage: Storage) -> None:
    """Tag what holds personal data: volumes, schemas with such columns and, if wanted, those columns."""
    columns = personal_columns()
    schemas = sorted({column.split(".")[0] for column in columns})
    for name, volume in storage.volumes.items():
        _tag(scope, f"pii_volume_{name}", "volumes", full_name(volume))
    for name in schemas:
        _tag(scope, f"pii_schema_{name}", "schemas", full_name(storage.schemas[name]))
    if environment.tag_columns:
        _tag_columns(scope, storage, schemas, columns)


def _tag(scope: Construct, name: str, kind: str, entity: str) -> EntityTagAssignment:
    return EntityTagAssignment(
        scope, name, entity_type=kind, entity_name=entity, tag_key=TAG_KEY, tag_value=TAG_VALUE
    )


def _tag_columns(scope: Construct, storage: Storage, schemas: Iterable[str], columns: Iterable[str]) -> None:
    """Tag those of `columns` whose table is there when planning: a pipeline's first run makes the tables.

    Each step asks only for what the step before found: reading a missing schema would fail the plan.
    """
    catalog = storage.catalog.name
    TerraformLocal(scope, "pii_schemas", [full_name(storage.schemas[name]) for name in schemas])
    TerraformLocal(scope, "pii_columns", [f"{catalog}.{column}" for column in columns])
    DataDatabricksCatalogs(scope, "visible")
    found = DataDatabricksSchemas(scope, "found", catalog_name=catalog)
    found.add_override("count", CATALOG_EXISTS)
    tables = DataDatabricksTables(
        scope, "tables", catalog_name=catalog, schema_name='${split(".", each.key)[1]}'
    )
    tables.add_override("for_each", SCHEMAS_FOUND)
    tagged = _tag(scope, "pii_column", "columns", "${each.key}")
    tagged.add_override(
        "for_each", f"${{toset([for column in local.pii_columns : column if {TABLE_EXISTS}])}}"
    )
