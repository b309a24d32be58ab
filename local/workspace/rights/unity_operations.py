"""What calls on Unity Catalog need: securables, grants, tags and the files in volumes."""

from local.workspace.rights.needs import AllOf, Anybody, AnyOf, Manager, On, Ownership, Privilege
from local.workspace.rights.operations import Operation, VisibleRows
from local.workspace.rights.unity_needs import (
    GOVERNED,
    GRANTED,
    TAGGED,
    ExecutesItsFunction,
    KnownPrincipals,
    OnMetastore,
    OwnGrant,
    Sees,
    both,
)

_API = "/api/2.1/unity-catalog"
_FS = "/api/2.0/fs"

CATALOG, SCHEMA = On("CATALOG", "{full_name}"), On("SCHEMA", "{full_name}")
TABLE, VOLUME = On("TABLE", "{full_name}"), On("VOLUME", "{full_name}")
INTO_CATALOG = On("CATALOG", "{catalog_name}")
INTO_SCHEMA = On("SCHEMA", "{catalog_name}.{schema_name}")
FILES = On("VOLUME", "{catalog}.{schema}.{volume}")
_TAGS = AnyOf(Privilege("APPLY_TAG", TAGGED), Ownership(TAGGED))
_WRITES_FILES = AllOf(*both(FILES, "WRITE_VOLUME", "READ_VOLUME"))

SECURABLES = (
    Operation(
        "create a catalog", "POST", f"{_API}/catalogs", OnMetastore("CREATE_CATALOG"), arguments="json"
    ),
    Operation(
        "list catalogs",
        "GET",
        f"{_API}/catalogs",
        Anybody(),
        VisibleRows("catalogs", Sees(On("CATALOG", "{name}"), by_browse=False)),
    ),
    Operation(
        "get a catalog",
        "GET",
        f"{_API}/catalogs/{{full_name}}",
        Sees(CATALOG),
    ),
    Operation("change a catalog, its owner too", "PATCH", f"{_API}/catalogs/{{full_name}}", Manager(CATALOG)),
    Operation("drop a catalog", "DELETE", f"{_API}/catalogs/{{full_name}}", Manager(CATALOG)),
    Operation(
        "create a schema",
        "POST",
        f"{_API}/schemas",
        Privilege("CREATE_SCHEMA", INTO_CATALOG),
        arguments="json",
    ),
    Operation(
        "list schemas",
        "GET",
        f"{_API}/schemas",
        Anybody(),
        VisibleRows("schemas", Sees(SCHEMA, by_browse=False)),
    ),
    Operation(
        "get a schema",
        "GET",
        f"{_API}/schemas/{{full_name}}",
        Sees(SCHEMA),
    ),
    Operation("change a schema, its owner too", "PATCH", f"{_API}/schemas/{{full_name}}", Manager(SCHEMA)),
    Operation("drop a schema", "DELETE", f"{_API}/schemas/{{full_name}}", Manager(SCHEMA)),
    Operation(
        "create a volume",
        "POST",
        f"{_API}/volumes",
        Privilege("CREATE_VOLUME", INTO_SCHEMA),
        arguments="json",
    ),
    Operation(
        "list volumes",
        "GET",
        f"{_API}/volumes",
        Anybody(),
        VisibleRows("volumes", Sees(VOLUME, by_browse=False)),
    ),
    Operation(
        "get a volume",
        "GET",
        f"{_API}/volumes/{{full_name}}",
        Sees(VOLUME),
    ),
    Operation("change a volume, its owner too", "PATCH", f"{_API}/volumes/{{full_name}}", Manager(VOLUME)),
    Operation("drop a volume", "DELETE", f"{_API}/volumes/{{full_name}}", Manager(VOLUME)),
    Operation(
        "register a table", "POST", f"{_API}/tables", Privilege("CREATE_TABLE", INTO_SCHEMA), arguments="json"
    ),
    Operation(
        "list tables", "GET", f"{_API}/tables", Anybody(), VisibleRows("tables", Sees(TABLE, by_browse=False))
    ),
    Operation("get a table", "GET", f"{_API}/tables/{{full_name}}", Sees(TABLE)),
    Operation(
        "ask whether a table is there",
        "GET",
        f"{_API}/tables/{{full_name}}/exists",
        Sees(TABLE),
    ),
    Operation("change the owner of a table", "PATCH", f"{_API}/tables/{{full_name}}", Manager(TABLE)),
    Operation("drop a table", "DELETE", f"{_API}/tables/{{full_name}}", Manager(TABLE)),
    Operation(
        "list functions",
        "GET",
        f"{_API}/functions",
        Anybody(),
        VisibleRows("functions", Sees(On("FUNCTION", "{full_name}"), by_browse=False)),
    ),
    Operation(
        "list models",
        "GET",
        f"{_API}/models",
        Anybody(),
        VisibleRows("registered_models", Manager(INTO_SCHEMA)),
    ),
    Operation(
        "see the bindings of a catalog", "GET", f"{_API}/bindings/catalog/{{full_name}}", Manager(CATALOG)
    ),
    Operation("bind a catalog", "PATCH", f"{_API}/bindings/catalog/{{full_name}}", Manager(CATALOG)),
    Operation(
        "see the workspaces of a catalog, by the older call",
        "GET",
        f"{_API}/workspace-bindings/catalogs/{{full_name}}",
        Manager(CATALOG),
    ),
    Operation(
        "assign workspaces to a catalog, by the older call",
        "PATCH",
        f"{_API}/workspace-bindings/catalogs/{{full_name}}",
        Manager(CATALOG),
    ),
    Operation("ask for the metastore", "GET", f"{_API}/current-metastore-assignment", Anybody()),
    Operation("describe the metastore", "GET", f"{_API}/metastore_summary", Anybody()),
)

GRANTS = (
    Operation(
        "read grants",
        "GET",
        f"{_API}/permissions/{{kind}}/{{full_name}}",
        Anybody(),
        VisibleRows("privilege_assignments", AnyOf(Manager(GRANTED), OwnGrant())),
    ),
    Operation(
        "read effective grants",
        "GET",
        f"{_API}/effective-permissions/{{kind}}/{{full_name}}",
        Anybody(),
        VisibleRows("privilege_assignments", AnyOf(Manager(GRANTED), OwnGrant())),
    ),
    Operation(
        "grant and revoke",
        "PATCH",
        f"{_API}/permissions/{{kind}}/{{full_name}}",
        AllOf(Manager(GRANTED), KnownPrincipals()),
        arguments="json",
    ),
)

TAGS = (
    Operation("put a tag on", "POST", f"{_API}/entity-tag-assignments", _TAGS, arguments="json"),
    Operation(
        "list tags",
        "GET",
        f"{_API}/entity-tag-assignments/{{entity_type}}/{{entity_name}}/tags",
        Sees(TAGGED),
    ),
    Operation(
        "get a tag",
        "GET",
        f"{_API}/entity-tag-assignments/{{entity_type}}/{{entity_name}}/tags/{{tag_key}}",
        Sees(TAGGED),
    ),
    Operation(
        "change a tag, take it off",
        "PATCH DELETE",
        f"{_API}/entity-tag-assignments/{{entity_type}}/{{entity_name}}/tags/{{tag_key}}",
        _TAGS,
    ),
)

_POLICIES = f"{_API}/policies"
_ON = f"{_POLICIES}/{{on_securable_type}}/{{on_securable_fullname}}"
POLICIES = (
    Operation(
        "put a policy of attributes on",
        "POST",
        _POLICIES,
        AllOf(Manager(GOVERNED), ExecutesItsFunction()),
        arguments="json",
    ),
    Operation("list policies of attributes", "GET", _ON, Manager(GOVERNED)),
    Operation("take a policy of attributes off", "DELETE", f"{_ON}/{{name}}", Manager(GOVERNED)),
)

VOLUME_FILES = (
    Operation(
        "read a file in a volume",
        "GET HEAD",
        f"{_FS}/files/Volumes/{{catalog}}/{{schema}}/{{volume}}/{{below:path}}",
        Privilege("READ_VOLUME", FILES),
    ),
    Operation(
        "write or delete a file in a volume",
        "PUT DELETE",
        f"{_FS}/files/Volumes/{{catalog}}/{{schema}}/{{volume}}/{{below:path}}",
        _WRITES_FILES,
    ),
    Operation(
        "list a volume",
        "GET HEAD",
        f"{_FS}/directories/Volumes/{{catalog}}/{{schema}}/{{volume}}",
        Privilege("READ_VOLUME", FILES),
    ),
    Operation(
        "list a folder of a volume",
        "GET HEAD",
        f"{_FS}/directories/Volumes/{{catalog}}/{{schema}}/{{volume}}/{{below:path}}",
        Privilege("READ_VOLUME", FILES),
    ),
    Operation(
        "make or delete a folder of a volume",
        "PUT DELETE",
        f"{_FS}/directories/Volumes/{{catalog}}/{{schema}}/{{volume}}/{{below:path}}",
        _WRITES_FILES,
    ),
)

OPERATIONS = (*SECURABLES, *GRANTS, *TAGS, *POLICIES, *VOLUME_FILES)
