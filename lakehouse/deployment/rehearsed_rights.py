"""The steps of a rehearsal that prove a right: what must be allowed, and what must be refused."""

from collections.abc import Callable
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied
from databricks.sdk.service.sql import StatementState

from common.counting import counted
from common.errors import UserError
from common.home import Home
from generator.engine import generate
from generator.spec import Settings
from infra.stack.constructs.tags import TAG_KEY, personal_columns
from infra.stack.settings import Environment
from lakehouse.deployment.principals import DEPLOYER, ENGINEER, INGEST, READER
from lakehouse.output.lines import Say
from lakehouse.specs import volume_path
from local.workspace.http.serving import Served
from pipelines.catalog import CHANGE_FILES, RAW_FILES

_ORDERS = 300
# What readers ask for: counts, persons, and what lies below.
_ASKED = ("gold.customer_segment_counts", "gold.customer_segments", "silver.orders")


def bring_files(served: Served, environment: Environment, folder: Path, say: Say) -> None:
    """As ingest, where the job does not make its files up; an engineer must not."""
    raw, cdc = (volume_path(environment.catalog, one) for one in (RAW_FILES, CHANGE_FILES))
    engineer = served.client(ENGINEER)
    if environment.groups.ingest != environment.groups.engineers:
        _refused(lambda: engineer.files.create_directory(f"{raw}/orders"), "an engineer writes raw files")
        say("engineer: may not write raw files")
    if environment.generate:
        return
    home, client = Home(folder), served.client(INGEST)
    generate(Settings(_ORDERS, None, None, None, 1, 0.0, None), home.raw, home.cdc)
    files = [(top, file) for top in (home.raw, home.cdc) for file in sorted(top.rglob("*.*"))]
    for top, file in files:
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(top).parts):
            volume = raw if top == home.raw else cdc
            with file.open("rb") as content:
                client.files.upload(f"{volume}/{file.relative_to(top)}", content)
    say("ingest: brought the files")


def query_as_reader(served: Served, environment: Environment, say: Say) -> None:
    """As a reader, on the environment's warehouse: gold is shown; its persons and silver where they are open to it."""
    reader, catalog = served.client(READER), environment.catalog
    named = environment.alerts.warehouse
    warehouse = next(one.id or "" for one in reader.warehouses.list() if one.name == named)
    for table in _ASKED:
        may = table in environment.reader_tables or table.split(".")[0] in environment.reader_schemas
        _must_be(
            StatementState.SUCCEEDED if may else StatementState.FAILED,
            reader,
            warehouse,
            f"{catalog}.{table}",
        )
        say(f"reader: {'SELECT' if may else 'no SELECT'} on {table}")


def _must_be(state: StatementState, client: WorkspaceClient, warehouse: str, table: str) -> None:
    statement = f"SELECT * FROM {table} LIMIT 5"  # noqa: S608 - a name of ours
    answer = client.statement_execution.execute_statement(statement, warehouse)
    found = answer.status.state if answer.status else None
    if found != state:
        raise UserError(f"SELECT on {table} as a reader is {found} and must be {state}: {answer.status}")


def look_for_tags(served: Served, environment: Environment, say: Say) -> None:
    """The second deployment must have tagged the runner's columns."""
    if not environment.tag_columns:
        return
    client = served.client(DEPLOYER)
    columns = [f"{environment.catalog}.{column}" for column in personal_columns()]
    bare = [
        column
        for column in columns
        if not any(tag.tag_key == TAG_KEY for tag in client.entity_tag_assignments.list("columns", column))
    ]
    if bare:
        without = counted(len(bare), "column with personal data has", "columns with personal data have")
        raise UserError(f"{without} no tag: {', '.join(bare[:5])}")
    say(f"deployer: {counted(len(columns), 'column is', 'columns are')} tagged")


def _refused(call: Callable[[], object], what: str) -> None:
    try:
        call()
    except PermissionDenied:
        return
    raise UserError(f"{what}, and must not be able to")
