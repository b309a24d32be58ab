"""For each operation of the table one call, and the rights with which it is allowed and no one of which may lack."""

from collections.abc import Callable
from dataclasses import dataclass

from local.workspace.storage.minilake import METASTORE_ID
from tests.local.workspace.rights.world import TESTER, UC, Json, Right, World

USE_CATALOG: Right = ("CATALOG", "m", "USE_CATALOG")
USE_SCHEMA: Right = ("SCHEMA", "m.s", "USE_SCHEMA")
USE = (USE_CATALOG, USE_SCHEMA)
SELECT: Right = ("TABLE", "m.s.t", "SELECT")
READ: Right = ("VOLUME", "m.s.v", "READ_VOLUME")
WRITE: Right = ("VOLUME", "m.s.v", "WRITE_VOLUME")
FS = "/api/2.0/fs"
TAGS = f"{UC}/entity-tag-assignments"
GRANT = {"changes": [{"principal": TESTER, "remove": ["SELECT"]}]}


@dataclass(frozen=True)
class Case:
    """A call; `rows` names the list in which something must be shown.

    `before` makes what the call uses up, or removes what it makes.
    """

    method: str
    path: str
    rights: tuple[Right, ...]
    body: Json | bytes | None = None
    rows: str = ""
    before: Callable[[World], object] | None = None


def cases(world: World) -> dict[str, Case]:
    """One for each operation, by its name."""
    return {**_unity(), **_tags(), **_policies(), **_files(), **_alerts(world), **_work(world)}


def _dashboards(world: World) -> dict[str, Case]:
    path, one = "/api/2.0/lakeview/dashboards", f"/api/2.0/lakeview/dashboards/{world.dashboard}"

    def level(level: str) -> tuple[Right, ...]:
        return (("dashboards", world.dashboard, level),)

    settings = {"display_name": "e", "parent_path": "/team"}
    return {
        "create a dashboard": Case("POST", path, (("directories", "FOLDER", "CAN_MANAGE"),), settings),
        "list dashboards": Case("GET", path, level("CAN_READ"), rows="dashboards"),
        "get a dashboard": Case("GET", one, level("CAN_READ")),
        "get a published dashboard": Case("GET", f"{one}/published", level("CAN_READ")),
        "change a dashboard": Case("PATCH", one, level("CAN_EDIT"), {"display_name": "d"}),
        "publish a dashboard": Case("POST", f"{one}/published", level("CAN_EDIT"), {}),
        "delete a dashboard": Case("DELETE", one, level("CAN_MANAGE")),
    }


def _alerts(world: World) -> dict[str, Case]:
    alerts, one = "/api/2.0/alerts", f"/api/2.0/alerts/{world.alert}"
    reads: tuple[Right, ...] = (("alertsv2", world.alert, "CAN_READ"),)
    manages: tuple[Right, ...] = (("alertsv2", world.alert, "CAN_MANAGE"),)
    into: tuple[Right, ...] = (("directories", "FOLDER", "CAN_MANAGE"),)
    return {
        "create an alert": Case("POST", alerts, into, world.alert_settings, before=_without_other_alerts),
        "list alerts": Case("GET", alerts, reads, rows="alerts"),
        "get an alert": Case("GET", one, reads),
        "change an alert": Case(
            "PATCH", f"{one}?update_mask=custom_summary", manages, {"custom_summary": "x"}
        ),
        "delete an alert": Case("DELETE", one, manages),
        **_dashboards(world),
        "list the sources of queries": Case("GET", "/api/2.0/preview/sql/data_sources", ()),
    }


def _without_other_alerts(world: World) -> None:
    """Whoever made one sees and manages it."""
    for alert in world.root("GET", "/api/2.0/alerts")["alerts"]:
        if alert["id"] != world.alert:
            world.root("DELETE", f"/api/2.0/alerts/{alert['id']}")


def _owner(path: str) -> tuple[Right, ...]:
    return (("owner", path, ""),)


def _unity() -> dict[str, Case]:
    schema = {"name": "n", "catalog_name": "m"}
    volume = {"name": "n", "catalog_name": "m", "schema_name": "s", "volume_type": "MANAGED"}
    table = {**volume, "table_type": "EXTERNAL", "storage_location": "file:///n"}
    gone = {
        "schemas": _gone("schemas/m.n"),
        "volumes": _gone("volumes/m.s.n"),
        "tables": _gone("tables/m.s.n"),
    }
    no_catalog = _gone("catalogs/n")
    return {
        "create a catalog": Case(
            "POST",
            f"{UC}/catalogs",
            (("METASTORE", METASTORE_ID, "CREATE_CATALOG"),),
            {"name": "n"},
            before=no_catalog,
        ),
        "list catalogs": Case("GET", f"{UC}/catalogs", (USE_CATALOG,), rows="catalogs"),
        "get a catalog": Case("GET", f"{UC}/catalogs/m", (USE_CATALOG,)),
        "change a catalog, its owner too": Case(
            "PATCH", f"{UC}/catalogs/m", _owner("catalogs/m"), {"comment": "c"}
        ),
        "drop a catalog": Case("DELETE", f"{UC}/catalogs/m", _owner("catalogs/m")),
        "create a schema": Case(
            "POST",
            f"{UC}/schemas",
            (USE_CATALOG, ("CATALOG", "m", "CREATE_SCHEMA")),
            schema,
            before=gone["schemas"],
        ),
        "list schemas": Case("GET", f"{UC}/schemas?catalog_name=m", USE, rows="schemas"),
        "get a schema": Case("GET", f"{UC}/schemas/m.s", USE),
        "change a schema, its owner too": Case(
            "PATCH", f"{UC}/schemas/m.s", _owner("schemas/m.s"), {"comment": "c"}
        ),
        "drop a schema": Case("DELETE", f"{UC}/schemas/m.s", _owner("schemas/m.s")),
        "create a volume": Case(
            "POST",
            f"{UC}/volumes",
            (*USE, ("SCHEMA", "m.s", "CREATE_VOLUME")),
            volume,
            before=gone["volumes"],
        ),
        "list volumes": Case(
            "GET", f"{UC}/volumes?catalog_name=m&schema_name=s", (*USE, READ), rows="volumes"
        ),
        "get a volume": Case("GET", f"{UC}/volumes/m.s.v", (*USE, READ)),
        "change a volume, its owner too": Case(
            "PATCH", f"{UC}/volumes/m.s.v", _owner("volumes/m.s.v"), {"comment": "c"}
        ),
        "drop a volume": Case(
            "DELETE",
            f"{UC}/volumes/m.s.n",
            (*USE, ("SCHEMA", "m.s", "MANAGE")),
            before=_made("volumes", volume),
        ),
        "register a table": Case(
            "POST", f"{UC}/tables", (*USE, ("SCHEMA", "m.s", "CREATE_TABLE")), table, before=gone["tables"]
        ),
        "list tables": Case(
            "GET", f"{UC}/tables?catalog_name=m&schema_name=s", (*USE, SELECT), rows="tables"
        ),
        "get a table": Case("GET", f"{UC}/tables/m.s.t", (*USE, SELECT)),
        "ask whether a table is there": Case(
            "GET", f"{UC}/tables/m.s.t/exists", (("CATALOG", "m", "BROWSE"),)
        ),
        "change the owner of a table": Case(
            "PATCH", f"{UC}/tables/m.s.t", (*USE, ("TABLE", "m.s.t", "MANAGE")), {"owner": "minilake-user"}
        ),
        "drop a table": Case(
            "DELETE", f"{UC}/tables/m.s.n", (*USE, ("CATALOG", "m", "MANAGE")), before=_made("tables", table)
        ),
        "list functions": Case(
            "GET",
            f"{UC}/functions?catalog_name=m&schema_name=s",
            (*USE, ("FUNCTION", "m.s.f", "EXECUTE")),
            rows="functions",
        ),
        "list models": Case(
            "GET",
            f"{UC}/models?catalog_name=m&schema_name=s",
            (*USE, ("SCHEMA", "m.s", "MANAGE")),
            rows="registered_models",
        ),
        "see the bindings of a catalog": Case("GET", f"{UC}/bindings/catalog/m", _owner("catalogs/m")),
        "bind a catalog": Case("PATCH", f"{UC}/bindings/catalog/m", _owner("catalogs/m"), {}),
        "see the workspaces of a catalog, by the older call": Case(
            "GET", f"{UC}/workspace-bindings/catalogs/m", _owner("catalogs/m")
        ),
        "assign workspaces to a catalog, by the older call": Case(
            "PATCH", f"{UC}/workspace-bindings/catalogs/m", _owner("catalogs/m"), {}
        ),
        "ask for the metastore": Case("GET", f"{UC}/current-metastore-assignment", ()),
        "describe the metastore": Case("GET", f"{UC}/metastore_summary", ()),
        "read grants": Case(
            "GET", f"{UC}/permissions/SCHEMA/m.s", (USE_SCHEMA,), rows="privilege_assignments"
        ),
        "read effective grants": Case(
            "GET", f"{UC}/effective-permissions/SCHEMA/m.s", (USE_SCHEMA,), rows="privilege_assignments"
        ),
        "grant and revoke": Case(
            "PATCH",
            f"{UC}/permissions/SCHEMA/m.s",
            (USE_CATALOG, ("CATALOG", "m", "MANAGE"), USE_SCHEMA),
            GRANT,
        ),
    }


def _gone(path: str) -> Callable[[World], object]:
    return lambda world: world.try_root("DELETE", f"{UC}/{path}?force=true")


def _made(kind: str, body: Json) -> Callable[[World], object]:
    return lambda world: world.try_root("POST", f"{UC}/{kind}", body)


def _tags() -> dict[str, Case]:
    tag = {"entity_type": "schemas", "entity_name": "m.s", "tag_key": "k", "tag_value": "1"}
    rights = (*USE, ("SCHEMA", "m.s", "APPLY_TAG"))

    def off(world: World) -> object:
        return world.try_root("DELETE", f"{TAGS}/schemas/m.s/tags/k")

    def there(world: World) -> object:
        return world.try_root("POST", TAGS, tag)

    return {
        "put a tag on": Case("POST", TAGS, rights, tag, before=off),
        "list tags": Case("GET", f"{TAGS}/schemas/m.s/tags", USE, before=there),
        "get a tag": Case("GET", f"{TAGS}/schemas/m.s/tags/k", USE, before=there),
        "change a tag, take it off": Case(
            "PATCH", f"{TAGS}/schemas/m.s/tags/k", rights, {"tag_value": "2"}, before=there
        ),
        "read a file in a volume": Case("GET", f"{FS}/files/Volumes/m/s/v/kept", (*USE, READ)),
        "write or delete a file in a volume": Case(
            "PUT", f"{FS}/files/Volumes/m/s/v/new?overwrite=true", (*USE, READ, WRITE), b"2"
        ),
        "list a volume": Case("GET", f"{FS}/directories/Volumes/m/s/v", (*USE, READ)),
        "list a folder of a volume": Case(
            "HEAD", f"{FS}/directories/Volumes/m/s/v/d", (*USE, READ), before=_folder
        ),
        "make or delete a folder of a volume": Case(
            "PUT", f"{FS}/directories/Volumes/m/s/v/d", (*USE, READ, WRITE)
        ),
    }


def _policies() -> dict[str, Case]:
    policies, on_schema = f"{UC}/policies", f"{UC}/policies/SCHEMA/m.s"
    policy = {
        "name": "p",
        "on_securable_type": "SCHEMA",
        "on_securable_fullname": "m.s",
        "for_securable_type": "TABLE",
        "policy_type": "POLICY_TYPE_ROW_FILTER",
        "to_principals": ["account users"],
        "row_filter": {"function_name": "m.s.f"},
    }
    manages: tuple[Right, ...] = (*USE, ("SCHEMA", "m.s", "MANAGE"))

    def there(world: World) -> object:
        return world.try_root("POST", policies, policy)

    return {
        "put a policy of attributes on": Case(
            "POST",
            policies,
            (*manages, ("FUNCTION", "m.s.f", "EXECUTE")),
            policy,
            before=_gone("policies/SCHEMA/m.s/p"),
        ),
        "list policies of attributes": Case("GET", on_schema, manages),
        "take a policy of attributes off": Case("DELETE", f"{on_schema}/p", manages, before=there),
    }


def _folder(world: World) -> object:
    return world.root("PUT", f"{FS}/directories/Volumes/m/s/v/d")


def _files() -> dict[str, Case]:
    ws, below = "/api/2.0/workspace", "/api/2.0/workspace-files"
    source = {"path": "/team/n.py", "format": "RAW", "content": "", "overwrite": True}

    def on(level: str) -> tuple[Right, ...]:
        return (("directories", "FOLDER", level),)

    return {
        "import a file": Case("POST", f"{ws}/import", on("CAN_MANAGE"), source),
        "upload a file": Case(
            "POST", f"{below}/import-file/team/a.py?overwrite=true", on("CAN_EDIT"), b"print(2)"
        ),
        "export a file": Case("GET", f"{ws}/export?path=/team/a.py", on("CAN_READ")),
        "download a file": Case("GET", f"{below}/team/a.py", on("CAN_READ")),
        "get the status of an object": Case("GET", f"{ws}/get-status?path=/team", on("CAN_READ")),
        "list a folder": Case("GET", f"{ws}/list?path=/team", on("CAN_READ")),
        "make folders": Case("POST", f"{ws}/mkdirs", on("CAN_MANAGE"), {"path": "/team/x/y"}),
        "delete an object": Case(
            "POST",
            f"{ws}/delete",
            on("CAN_MANAGE"),
            {"path": "/team/d.py"},
            before=lambda world: world.upload("/team/d.py"),
        ),
        "read permissions": Case("GET", "/api/2.0/permissions/directories/FOLDER", on("CAN_MANAGE")),
        "read the levels of an object": Case(
            "GET", "/api/2.0/permissions/directories/FOLDER/permissionLevels", on("CAN_MANAGE")
        ),
        "replace permissions": Case(
            "PUT", "/api/2.0/permissions/directories/FOLDER", on("CAN_MANAGE"), {"access_control_list": []}
        ),
        "add permissions": Case(
            "PATCH", "/api/2.0/permissions/directories/FOLDER", on("CAN_MANAGE"), {"access_control_list": []}
        ),
    }


def _work(world: World) -> dict[str, Case]:
    jobs, lines, sql = "/api/2.2/jobs", "/api/2.0/pipelines", "/api/2.0/sql/warehouses"
    job, run, line = int(world.job), int(world.run), f"/api/2.0/pipelines/{world.pipeline}"
    scim = "/api/2.0/preview/scim/v2"
    query = {"statement": "SELECT 1 FROM m.s.t", "warehouse_id": world.warehouse}
    target = {"name": "of the tester", "catalog": "m", "schema": "s", "allow_duplicate_names": True}

    def level(kind: str, level: str) -> tuple[Right, ...]:
        ids = {"jobs": world.job, "pipelines": world.pipeline, "warehouses": world.warehouse}
        return ((kind, ids[kind], level),)

    return {
        "create a job": Case("POST", f"{jobs}/create", (), {"name": "of the tester"}),
        "get a job": Case("GET", f"{jobs}/get?job_id={job}", level("jobs", "CAN_VIEW")),
        "list jobs": Case("GET", f"{jobs}/list?name=j", level("jobs", "CAN_VIEW"), rows="jobs"),
        "change a job": Case(
            "POST",
            f"{jobs}/reset",
            level("jobs", "CAN_MANAGE"),
            {"job_id": job, "new_settings": {"name": "j"}},
        ),
        "change settings of a job": Case(
            "POST",
            f"{jobs}/update",
            level("jobs", "CAN_MANAGE"),
            {"job_id": job, "new_settings": {"name": "j"}},
        ),
        "delete a job": Case("POST", f"{jobs}/delete", level("jobs", "IS_OWNER"), {"job_id": job}),
        "start a job": Case("POST", f"{jobs}/run-now", level("jobs", "CAN_MANAGE_RUN"), {"job_id": job}),
        "run tasks once": Case("POST", f"{jobs}/runs/submit", (), {"tasks": [{"task_key": "t"}]}),
        "get a run": Case("GET", f"{jobs}/runs/get?run_id={run}", level("jobs", "CAN_VIEW")),
        "get the output of a task": Case(
            "GET", f"{jobs}/runs/get-output?run_id={run}", level("jobs", "CAN_VIEW")
        ),
        "list runs": Case("GET", f"{jobs}/runs/list?job_id={job}", level("jobs", "CAN_VIEW"), rows="runs"),
        "cancel a run": Case("POST", f"{jobs}/runs/cancel", level("jobs", "CAN_MANAGE_RUN"), {"run_id": run}),
        "cancel all runs of a job": Case(
            "POST", f"{jobs}/runs/cancel-all", level("jobs", "CAN_MANAGE_RUN"), {"job_id": job}
        ),
        "delete a run": Case("POST", f"{jobs}/runs/delete", level("jobs", "IS_OWNER"), {"run_id": run}),
        "create a pipeline": Case("POST", lines, (*USE, ("SCHEMA", "m.s", "CREATE_TABLE")), target),
        "list pipelines": Case(
            "GET", f"{lines}?filter=name LIKE 'p'", level("pipelines", "CAN_VIEW"), rows="statuses"
        ),
        "get a pipeline": Case("GET", line, level("pipelines", "CAN_VIEW")),
        "change a pipeline": Case(
            "PUT", line, level("pipelines", "CAN_MANAGE"), {"name": "p", "allow_duplicate_names": True}
        ),
        "start an update": Case("POST", f"{line}/updates", level("pipelines", "CAN_RUN")),
        "stop an update": Case("POST", f"{line}/stop", level("pipelines", "CAN_RUN")),
        "list updates": Case("GET", f"{line}/updates", level("pipelines", "CAN_VIEW")),
        "get an update": Case("GET", f"{line}/updates/none", level("pipelines", "CAN_VIEW")),
        "read the events of a pipeline": Case("GET", f"{line}/events", level("pipelines", "CAN_VIEW")),
        "delete a pipeline": Case("DELETE", line, level("pipelines", "IS_OWNER")),
        "ask who one is": Case("GET", f"{scim}/Me", ()),
        "list users, groups and service principals": Case("GET", f"{scim}/Groups", ()),
        "get a user, a group or a service principal": Case("GET", f"{scim}/Groups/none", ()),
        "list warehouses": Case("GET", sql, level("warehouses", "CAN_VIEW"), rows="warehouses"),
        "create a warehouse": Case("POST", sql, (("group", "admins", ""),), {"name": "another"}),
        "get a warehouse": Case("GET", f"{sql}/{world.warehouse}", level("warehouses", "CAN_VIEW")),
        "start a warehouse": Case("POST", f"{sql}/{world.warehouse}/start", level("warehouses", "CAN_USE")),
        "stop a warehouse": Case("POST", f"{sql}/{world.warehouse}/stop", level("warehouses", "CAN_MANAGE")),
        "query tables (the tables themselves: SELECT)": Case(
            "POST", "/api/2.0/sql/statements", level("warehouses", "CAN_USE"), query
        ),
        "delete a warehouse": Case("DELETE", f"{sql}/{world.warehouse}", level("warehouses", "CAN_MANAGE")),
    }
