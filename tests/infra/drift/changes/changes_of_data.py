"""The changes to Unity Catalog and to the uploaded code, under the names under which they were measured."""

from databricks.sdk.service.workspace import Language

from tests.infra.drift.changes.change import Change, gone, grants_change, securable_edit, unless_gone
from tests.infra.drift.world import (
    CATALOG,
    NOTEBOOK,
    NOTEBOOK_SOURCE,
    ROOT,
    Undo,
    World,
    repository_file,
)

GOLD = f"{CATALOG}.gold"
OLIST = f"{CATALOG}.raw.olist"
RULES = f"{ROOT}/pipelines/shared/rules.py"
ENGINEERS, READERS, OTHER = "olist-engineers", "account users", "somebody@example.com"
WRITE = ["SELECT", "USE_SCHEMA", "CREATE_TABLE", "CREATE_MATERIALIZED_VIEW"]
READ = ["SELECT", "USE_SCHEMA"]
FILES = ["READ_VOLUME", "WRITE_VOLUME"]
EDITED = repository_file("pipelines/shared/rules.py") + b"\n# edited in the workspace\n"


def _by_hand(world: World) -> Undo:
    world.client.schemas.create("scratch", CATALOG)
    return unless_gone(lambda: world.client.schemas.delete(f"{CATALOG}.scratch"))


def _edit_file(world: World) -> Undo:
    world.upload(RULES, EDITED)
    return lambda: world.upload(RULES, repository_file("pipelines/shared/rules.py"))


def _delete_file(world: World) -> Undo:
    world.client.workspace.delete(RULES)
    return lambda: world.upload(RULES, repository_file("pipelines/shared/rules.py"))


def _replace_file(world: World) -> Undo:
    _delete_file(world)
    return _edit_file(world)


def _extra_file(world: World) -> Undo:
    world.upload(f"{ROOT}/pipelines/helpers.py", b"x = 1\n")
    return unless_gone(lambda: world.client.workspace.delete(f"{ROOT}/pipelines/helpers.py"))


def _edit_notebook(world: World) -> Undo:
    world.import_notebook(b"print('edited')\n")
    return lambda: world.import_notebook(NOTEBOOK_SOURCE)


def _other_language(world: World) -> Undo:
    world.import_notebook(NOTEBOOK_SOURCE, Language.SQL)
    return lambda: world.import_notebook(NOTEBOOK_SOURCE)


GRANTS = (
    grants_change(
        "grant (singular): another principal granted on volume raw.olist",
        "volume",
        OLIST,
        [{"principal": OTHER, "add": ["READ_VOLUME"]}],
        OTHER,
        seen=False,
    ),
    grants_change(
        "grants: +MODIFY to the same principal on schema gold",
        "schema",
        GOLD,
        [{"principal": READERS, "add": ["MODIFY"]}],
        READERS,
    ),
    grants_change(
        "grants: +SELECT to another principal on schema gold",
        "schema",
        GOLD,
        [{"principal": OTHER, "add": ["SELECT"]}],
        OTHER,
    ),
    grants_change(
        "grants: revoke SELECT on schema gold",
        "schema",
        GOLD,
        [{"principal": READERS, "remove": ["SELECT"]}],
        READERS,
    ),
    grants_change(
        "grants: revoke all on schema gold",
        "schema",
        GOLD,
        [{"principal": READERS, "remove": READ}, {"principal": ENGINEERS, "remove": WRITE}],
        READERS,
        ENGINEERS,
    ),
    grants_change(
        "grant (singular): same principal +APPLY_TAG on volume raw.olist",
        "volume",
        OLIST,
        [{"principal": ENGINEERS, "add": ["APPLY_TAG"]}],
        ENGINEERS,
    ),
    grants_change(
        "grant (singular): revoke WRITE_VOLUME",
        "volume",
        OLIST,
        [{"principal": ENGINEERS, "remove": ["WRITE_VOLUME"]}],
        ENGINEERS,
    ),
    grants_change(
        "grant (singular): revoke all of the principal",
        "volume",
        OLIST,
        [{"principal": ENGINEERS, "remove": FILES}],
        ENGINEERS,
    ),
)

SECURABLES = (
    securable_edit(
        "catalog owner changed (owner not in config)",
        "catalog",
        CATALOG,
        "owner",
        {"owner": OTHER},
        seen=False,
    ),
    securable_edit(
        "schema owner changed (not in config)", "schema", GOLD, "owner", {"owner": OTHER}, seen=False
    ),
    securable_edit(
        "volume owner changed (not in config)", "volume", OLIST, "owner", {"owner": OTHER}, seen=False
    ),
    securable_edit(
        "schema property added (properties not in config)",
        "schema",
        GOLD,
        "properties.team",
        {
            "properties": {
                "project": "olist-lakehouse",
                "environment": "local",
                "managed-by": "terraform",
                "team": "x",
            }
        },
        seen=False,
    ),
    securable_edit("catalog comment blanked", "catalog", CATALOG, "comment", {"comment": ""}, seen=False),
    securable_edit(
        "catalog properties emptied", "catalog", CATALOG, "properties", {"properties": {}}, seen=False
    ),
    securable_edit("catalog comment changed", "catalog", CATALOG, "comment", {"comment": "Mine"}),
    securable_edit(
        "catalog property added",
        "catalog",
        CATALOG,
        "properties.team",
        {
            "properties": {
                "project": "olist-lakehouse",
                "environment": "local",
                "managed-by": "terraform",
                "team": "x",
            }
        },
    ),
    securable_edit("schema comment changed", "schema", GOLD, "comment", {"comment": "Mine"}),
    securable_edit("volume comment changed", "volume", OLIST, "comment", {"comment": "Mine"}),
    Change("schema created by hand in the catalog", False, (("schema", f"{CATALOG}.scratch", ""),), _by_hand),
    gone(
        "schema gold dropped (with its grants)",
        ("schema", GOLD, ""),
        lambda world: world.client.schemas.delete(GOLD, force=True),
    ),
    gone(
        "volume raw.olist deleted (with its grant)",
        ("volume", OLIST, ""),
        lambda world: world.client.volumes.delete(OLIST),
    ),
    gone(
        "catalog dropped with force",
        ("catalog", CATALOG, ""),
        lambda world: world.client.catalogs.delete(CATALOG, force=True),
    ),
)

CODE = (
    Change("workspace file edited in place", False, (("file", RULES, "content"),), _edit_file),
    Change(
        "workspace file deleted and re-created, other content",
        False,
        (("file", RULES, "content"),),
        _replace_file,
    ),
    Change(
        "extra workspace file in a managed directory",
        False,
        (("file", f"{ROOT}/pipelines/helpers.py", ""),),
        _extra_file,
    ),
    Change("notebook edited in place", False, (("notebook", NOTEBOOK, "content"),), _edit_notebook),
    Change("notebook language changed", True, (("notebook", NOTEBOOK, "language"),), _other_language),
    Change("workspace file deleted", True, (("file", RULES, ""),), _delete_file),
    gone(
        "directory utils deleted (recursive)",
        ("folder", f"{ROOT}/pipelines/quality", ""),
        lambda world: world.client.workspace.delete(f"{ROOT}/pipelines/quality", recursive=True),
    ),
    gone(
        "top directory deleted recursively",
        ("folder", ROOT, ""),
        lambda world: world.client.workspace.delete(ROOT, recursive=True),
    ),
)

DATA_CHANGES = (*GRANTS, *SECURABLES, *CODE)
