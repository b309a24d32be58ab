"""Reads Unity Catalog: the catalog, what is in it, grants and tags."""

import re
from collections.abc import Iterable

from infra.drift.declared import Declared
from infra.drift.reading.calls import Answer, Calls
from infra.drift.reading.snapshot import Unity

UNITY = "/api/2.1/unity-catalog"
INFORMATION_SCHEMA = "information_schema"
ISOLATED = "ISOLATED"
# What Databricks keeps for itself: `__databricks_internal`, the tables behind materialized views, ...
INTERNAL = "__"
# ... and the event log of a pipeline that publishes none, `event_log_` and the pipeline's id.
HIDDEN_LOG = re.compile(r"event_log_[0-9a-f]{8}(_[0-9a-f]{4}){3}_[0-9a-f]{12}")


def read_unity(calls: Calls, declared: Declared) -> Unity:
    """The declared catalog with all in it; of schemas that nobody declared the names only."""
    name = declared.only("catalog").full_name
    catalog = calls.find(f"{UNITY}/catalogs/{name}")
    if catalog is None:
        return Unity()
    schemas = {
        schema["full_name"]: schema
        for schema in calls.pages(f"{UNITY}/schemas", "schemas", catalog_name=name)
        if not _is_internal(schema["name"])
    }
    ours = [schema.full_name for schema in declared.of("schema") if schema.full_name in schemas]
    volumes = _below(calls, "volumes", ours)
    tables = _below(calls, "tables", ours)
    functions, models = _below(calls, "functions", ours), _below(calls, "models", ours, "registered_models")
    there = {name, *schemas, *volumes, *tables}
    securables = [("catalog", name), *(("schema", schema) for schema in ours)]
    securables += [
        ("volume", volume.full_name) for volume in declared.of("volume") if volume.full_name in there
    ]
    securables += [("table", table) for table in tables]
    governed = [one for one in securables if one[0] != "volume"]
    entities = _tagged(declared, there, tables)
    return Unity(
        catalog,
        schemas,
        volumes,
        tables,
        functions,
        models,
        _bindings(calls, name) if catalog.get("isolation_mode") == ISOLATED else {},
        dict(zip(securables, calls.each(lambda one: _grants(calls, *one), securables), strict=True)),
        dict(zip(entities, calls.each(lambda one: _tags(calls, *one), entities), strict=True)),
        dict(zip(governed, calls.each(lambda one: _policies(calls, *one), governed), strict=True)),
    )


def _below(calls: Calls, kind: str, schemas: Iterable[str], field: str = "") -> dict[str, Answer]:
    """What the schemas hold of a kind, by full name; `field` holds the rows of an answer, as the kind does."""

    def of_schema(schema: str) -> list[Answer]:
        catalog_name, schema_name = schema.split(".")
        return calls.pages(
            f"{UNITY}/{kind}", field or kind, catalog_name=catalog_name, schema_name=schema_name
        )

    rows = [row for found in calls.each(of_schema, schemas) for row in found]
    full_names = {f"{row['catalog_name']}.{row['schema_name']}.{row['name']}": row for row in rows}
    return {name: row for name, row in full_names.items() if not _is_internal(row["name"])}


def _is_internal(name: str) -> bool:
    return name == INFORMATION_SCHEMA or name.startswith(INTERNAL) or bool(HIDDEN_LOG.fullmatch(name))


def _bindings(calls: Calls, catalog: str) -> dict[str, str]:
    rows = calls.pages(f"{UNITY}/bindings/catalog/{catalog}", "bindings")
    return {str(row["workspace_id"]): row["binding_type"] for row in rows}


def _grants(calls: Calls, kind: str, full_name: str) -> dict[str, frozenset[str]]:
    rows = calls.pages(f"{UNITY}/permissions/{kind}/{full_name}", "privilege_assignments")
    return {row["principal"]: frozenset(_spelled(row.get("privileges") or [])) for row in rows}


def _policies(calls: Calls, kind: str, full_name: str) -> list[Answer]:
    return calls.pages(f"{UNITY}/policies/{kind.upper()}/{full_name}", "policies")


def _spelled(privileges: Iterable[str]) -> Iterable[str]:
    """Some answers have `USE CATALOG` where others have `USE_CATALOG`."""
    return (privilege.upper().replace(" ", "_") for privilege in privileges)


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
