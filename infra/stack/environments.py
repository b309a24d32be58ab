"""The four environments: every value that differs between them, and nothing else.

Keys are the same everywhere; to add an environment, add a function: docs/infrastructure/environments.md.
Hosts and credentials are not here: they come from DATABRICKS_HOST, a profile or OIDC.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from common.errors import UserError
from common.home import DEFAULT_HOME, HOME_VARIABLE
from infra.stack.settings import Alerts, Environment, Groups, LocalState, S3State, Schedule
from pipelines.catalog import CATALOG, SCHEMAS
from pipelines.schemas import gold

STACK_PREFIX = "lakehouse-"
ALL_DATA = tuple(schema.name for schema in SCHEMAS if schema.for_readers)
WITHOUT_PERSONS = tuple(
    table.name for table in gold.TABLES if not any(column.pii for column in table.columns)
)
STATE_BUCKET = "olist-lakehouse-terraform-state"
STATE_REGION = "us-east-1"
DAILY_AT_SIX = "0 0 6 * * ?"
SAO_PAULO = "America/Sao_Paulo"
# The job takes up to two hours.
DAILY_AT_NINE = "0 0 9 * * ?"
# Databricks makes it with each workspace.
WAREHOUSE = "Serverless Starter Warehouse"


def _tags(environment: str) -> dict[str, str]:
    return {"project": "olist-lakehouse", "environment": environment, "managed-by": "terraform"}


def _alerts(who: str) -> Alerts:
    return Alerts(warehouse=WAREHOUSE, notify=(who,), cron=DAILY_AT_NINE, timezone=SAO_PAULO)


def _groups(environment: str) -> Groups:
    """A group for each role; those that can change anything are the environment's own."""
    return Groups(
        readers="olist-readers",
        engineers="olist-engineers",
        ingest=f"olist-{environment}-ingest",
        runners=f"olist-{environment}-runners",
        planners=f"olist-{environment}-planners",
        drift=f"olist-{environment}-drift",
        owners=f"olist-{environment}-owners",
    )


def _groups_of_engineers(environment: str) -> Groups:
    """Engineers hold every role but those of CI, and everybody reads."""
    return replace(
        _groups(environment),
        readers="account users",
        ingest="olist-engineers",
        runners="olist-engineers",
        owners="olist-engineers",
    )


def dev() -> Environment:
    """Where the team tries things: invented data, open to read for everyone, as the first version had it."""
    return Environment(
        name="dev",
        catalog=f"{CATALOG}_dev",
        storage_root=None,
        workspace_root="/olist-lakehouse/dev",
        workspace_id=None,
        groups=_groups_of_engineers("dev"),
        reader_schemas=ALL_DATA,
        reader_tables=(),
        run_as=None,
        deployer=None,
        trigger=Schedule(cron=DAILY_AT_SIX, timezone=SAO_PAULO, paused=True),
        notifications=("olist-engineers@example.com",),
        alerts=_alerts("olist-engineers@example.com"),
        generate=True,
        state=S3State(STATE_BUCKET, STATE_REGION),
        tags=_tags("dev"),
        budget_policy_id=None,
        development=True,
        protect=False,
        force_destroy=True,
        tag_columns=False,
        max_quarantined_share=1.0,
        tombstone_days=30,
    )


def staging() -> Environment:
    """The rehearsal of production: its roles, its service principal and its rules, on invented data."""
    return Environment(
        name="staging",
        catalog=f"{CATALOG}_staging",
        storage_root=None,
        workspace_root="/olist-lakehouse/staging",
        workspace_id=None,
        groups=_groups("staging"),
        reader_schemas=(),
        reader_tables=WITHOUT_PERSONS,
        run_as="olist-staging-runner",
        deployer="olist-staging-deployer",
        trigger=Schedule(cron=DAILY_AT_SIX, timezone=SAO_PAULO, paused=True),
        notifications=("olist-engineers@example.com",),
        alerts=_alerts("olist-engineers@example.com"),
        generate=True,
        state=S3State(STATE_BUCKET, STATE_REGION),
        tags=_tags("staging"),
        budget_policy_id=None,
        development=False,
        protect=False,
        force_destroy=False,
        tag_columns=True,
        max_quarantined_share=0.2,
        tombstone_days=30,
    )


def prod() -> Environment:
    """Real data: readers see gold without its persons, a service principal runs, nothing that holds data is destroyed.

    Paused until its first data is there: until then every run would fail.
    """
    return Environment(
        name="prod",
        catalog=CATALOG,
        storage_root=None,
        workspace_root="/olist-lakehouse/prod",
        workspace_id=None,
        groups=_groups("prod"),
        reader_schemas=(),
        reader_tables=WITHOUT_PERSONS,
        run_as="olist-prod-runner",
        deployer="olist-prod-deployer",
        trigger=Schedule(cron=DAILY_AT_SIX, timezone=SAO_PAULO, paused=True),
        notifications=("olist-on-call@example.com",),
        alerts=_alerts("olist-on-call@example.com"),
        generate=False,
        state=S3State(STATE_BUCKET, STATE_REGION),
        tags=_tags("prod"),
        budget_policy_id=None,
        development=False,
        protect=True,
        force_destroy=False,
        tag_columns=True,
        max_quarantined_share=0.05,
        tombstone_days=3650,
    )


def local() -> Environment:
    """The workspace that `lakehouse workspace` starts on this machine."""
    return Environment(
        name="local",
        catalog=CATALOG,
        storage_root=None,
        workspace_root="/olist-lakehouse/local",
        workspace_id=None,
        groups=_groups_of_engineers("local"),
        reader_schemas=ALL_DATA,
        reader_tables=(),
        run_as=None,
        deployer=None,
        trigger=Schedule(cron=DAILY_AT_SIX, timezone=SAO_PAULO, paused=True),
        notifications=("olist-engineers@example.com",),
        alerts=_alerts("olist-engineers@example.com"),
        generate=True,
        state=LocalState(_home_workspace()),
        tags=_tags("local"),
        budget_policy_id=None,
        development=True,
        protect=False,
        force_destroy=True,
        tag_columns=False,
        max_quarantined_share=1.0,
        tombstone_days=3650,
    )


def _home_workspace() -> str:
    """The local workspace's own folder: emptying the workspace forgets Terraform's state of it too."""
    return str(Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME) / "workspace")


BUILDERS: dict[str, Callable[[], Environment]] = {
    "dev": dev,
    "staging": staging,
    "prod": prod,
    "local": local,
}


def find_environment(name: str) -> Environment:
    """The environment called `name`, with or without the stack's prefix (`dev` or `lakehouse-dev`).

    Raises UserError when there is none, or when one of its values is wrong or missing, naming the setting.
    """
    builder = BUILDERS.get(name.removeprefix(STACK_PREFIX))
    if builder is None:
        raise UserError(f"no environment is called {name!r}; choose one of {', '.join(BUILDERS)}")
    try:
        return builder()
    except TypeError as error:
        raise UserError(f"environment {builder.__name__} in infra/stack/environments.py: {error}") from error
