"""Which tables are there when planning: a pipeline's run makes them, so an empty account has none."""

from collections.abc import Iterable

from cdktf import TerraformLocal
from cdktf_cdktf_provider_databricks.data_databricks_catalogs import DataDatabricksCatalogs
from cdktf_cdktf_provider_databricks.data_databricks_schemas import DataDatabricksSchemas
from cdktf_cdktf_provider_databricks.data_databricks_tables import DataDatabricksTables
from constructs import Construct

from infra.stack.constructs.catalog import Storage, full_name

TABLES_THERE = "flatten([for found in data.databricks_tables.tables : found.ids])"
_CATALOG_EXISTS = "${contains(data.databricks_catalogs.visible.ids, databricks_catalog.catalog.name) ? 1 : 0}"
_SCHEMAS_FOUND = "${setintersection(local.schemas_by_table, flatten(data.databricks_schemas.found[*].ids))}"


def look_for_tables(scope: Construct, storage: Storage, schemas: Iterable[str]) -> None:
    """Give TABLES_THERE the full names of the tables in these schemas.

    Each step asks only for what the step before found: reading a missing schema would fail the plan.
    """
    TerraformLocal(scope, "schemas_by_table", [full_name(storage.schemas[name]) for name in sorted(schemas)])
    DataDatabricksCatalogs(scope, "visible")
    found = DataDatabricksSchemas(scope, "found", catalog_name=storage.catalog.name)
    found.add_override("count", _CATALOG_EXISTS)
    tables = DataDatabricksTables(
        scope, "tables", catalog_name=storage.catalog.name, schema_name='${split(".", each.key)[1]}'
    )
    tables.add_override("for_each", _SCHEMAS_FOUND)
