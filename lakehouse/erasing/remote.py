"""Starts the erasure of a person in a workspace; no id leaves this machine, only its digest."""

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError

from common.errors import UserError
from infra.deploy.guard import credentials_of, workspace_client
from infra.stack.constructs.job import ERASE_NAME
from infra.stack.settings import Environment
from lakehouse.output.lines import Say
from lakehouse.remote_rebuild import run_job
from lakehouse.specs import volume_path
from pipelines.catalog import ERASURE_REQUESTS
from pipelines.erasing.databricks import REPORTS


def erase_on(
    environment: Environment,
    start: str,
    reason: str | None,
    say: Say,
    client: WorkspaceClient | None = None,
) -> None:
    """Runs the job `erase` of an environment for the person of whom `start` is the digest of an id; says the report.

    Raises UserError when the workspace cannot be reached, and when the job fails.
    """
    erasures = volume_path(environment.catalog, ERASURE_REQUESTS)
    parameters = ["--catalog", environment.catalog, "--erasures-path", erasures, "--start", start]
    parameters += ["--reason", reason] if reason else []
    client = client or workspace_client(credentials_of(environment))
    try:
        run_job(client, ERASE_NAME.format(environment.name), say, parameters)
    except DatabricksError as error:
        raise UserError(f"{client.config.host}: {error}") from error
    say(f"the report is the output of the task erase, and the newest file in {erasures}/{REPORTS}")
