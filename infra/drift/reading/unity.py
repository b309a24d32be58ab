"""Reads Unity Catalog: the catalog, what is in it, grants and tags."""

from collections.abc import Iterable

from infra.drift.declared import Declared
from infra.drift.reading.calls import Answer, Calls
from infra.drift.reading.snapshot import Unity

UNITY = "/api/2.1/unity-catalog"
INFORMATION_SCHEMA = "information_schema"
# The tables in which Databricks keeps what a pipeline remembers.
INTERNAL = "__"


def read_unity(calls: Calls, declared: Declared) -> Unity:
    """The declared catalog with all in it; of schemas that nobody declared the names only."""
    name = declared.only("catalog").full_name
    catalog = calls.find(f"{UNITY}/catalogs/{name}")
    if catalog is None:
        return Unity()
    schemas = {
        schema["full_name"]: schema
        for schema in calls.pages(f"{UNITY}/schemas", "schemas", catalog_name=name)
        if schema["name"] != INFORMATION_SCHEMA
    }
    ours = [schema.full_name for schema in declared.of("schema") if schema.full_name in schemas]
    volumes = _below(calls, "volumes", ours)
    tables = _below(calls, "tables", ours)
    there = {name, *schemas, *volumes, *tables}
    securables = [("catalog", name), *(("schema", schema) for schema in ours)]
    securables += [
        ("volume", volume.full_name) for volume in declared.of("volume") if volume.full_name in there
    ]
    securables += [("table", table) for table in tables]
    entities = _tagged(declared, there, tables)
    return Unity(
        catalog,
        schemas,
        volumes,
        tables,
        dict(zip(securables, calls.each(lambda one: _grants(calls, *one), securables), strict=True)),
        dict(zip(entities, calls.each(lambda one: _tags(calls, *one), entities), strict=True)),
    )


def _below(calls: Calls, kind: str, schemas: Iterable[str]) -> dict[str, Answer]:
    def of_schema(schema: str) -> list[Answer]:
        catalog_name, schema_name = schema.split(".")
        return calls.pages(f"{UNITY}/{kind}", kind, catalog_name=catalog_name, schema_name=schema_name)

    rows = [row for found in calls.each(of_schema, schemas) for row in found]
    full_names = {f"{row['catalog_name']}.{row['schema_name']}.{row['name']}": row for row in rows}
    return {name: row for name, row in full_names.items() if not row["name"].startswith(INTERNAL)}


def _grants(calls: Calls, kind: str, full_name: str) -> dict[str, frozenset[str]]:
    rows = calls.pages(f"{UNITY}/permissions/{kind}/{full_name}", "privilege_assignments")
    return {row["principal"]: frozenset(row.get("privileges") or []) for row in rows}


def _tagged(declared: Declared, there: set[str], tables: Iterable[str]) -> list[tuple[str, str]]:
    """The tagged entities that exist: of columns those whose table does."""
    assigned = [resource.values for resource in declared.of("entity_tag_assignment")]
    entities = {(values["entity_type"], values["entity_name"]) for values in assigned}
    columns = {("columns", column) for column in declared.tagged_columns}
    tables = set(tables)
    return sorted(
        [entity for entity in entities if entity[1] in there]
        + [entity for entity in columns if entity[1].rpartition(".")[0] in tables]
    )


def _tags(calls: Calls, entity_type: str, entity_name: str) -> dict[str, Answer]:
    rows = calls.pages(f"{UNITY}/entity-tag-assignments/{entity_type}/{entity_name}/tags", "tag_assignments")
    return {row["tag_key"]: row for row in rows}
