"""Where personal data lies, as Unity Catalog tags: on schemas and volumes, and on columns once they exist.

The columns come from pipelines/schemas, where they are marked. Why tags and how they reach an empty account:
docs/decisions/0040-personal-data.md.
"""

from cdktf import TerraformLocal
from cdktf_cdktf_provider_databricks.entity_tag_assignment import EntityTagAssignment
from constructs import Construct

from infra.stack.constructs.catalog import Storage, full_name
from infra.stack.constructs.existing_tables import TABLES_THERE
from infra.stack.settings import Environment
from pipelines.schemas import TABLES

TABLE_EXISTS = f'contains({TABLES_THERE}, join(".", slice(split(".", column), 0, 3)))'
TAG_KEY, TAG_VALUE = "pii", "true"


def personal_columns() -> list[str]:
    """Every column that identifies a person, as `schema.table.column`, sorted."""
    return sorted(f"{table.name}.{column.name}" for table in TABLES for column in table.columns if column.pii)


def personal_schemas() -> set[str]:
    """The schemas with such columns."""
    return {column.split(".")[0] for column in personal_columns()}


def declare_tags(scope: Construct, environment: Environment, storage: Storage) -> None:
    """Tag what holds personal data: volumes, schemas with such columns and, if wanted, those columns."""
    for name, volume in storage.volumes.items():
        _tag(scope, f"pii_volume_{name}", "volumes", full_name(volume))
    for name in sorted(personal_schemas()):
        _tag(scope, f"pii_schema_{name}", "schemas", full_name(storage.schemas[name]))
    if environment.tag_columns:
        _tag_columns(scope, storage)


def _tag(scope: Construct, name: str, kind: str, entity: str) -> EntityTagAssignment:
    return EntityTagAssignment(
        scope, name, entity_type=kind, entity_name=entity, tag_key=TAG_KEY, tag_value=TAG_VALUE
    )


def _tag_columns(scope: Construct, storage: Storage) -> None:
    """Tag the columns whose table is there when planning."""
    catalog = storage.catalog.name
    TerraformLocal(scope, "pii_columns", [f"{catalog}.{column}" for column in personal_columns()])
    tagged = _tag(scope, "pii_column", "columns", "${each.key}")
    tagged.add_override(
        "for_each", f"${{toset([for column in local.pii_columns : column if {TABLE_EXISTS}])}}"
    )
