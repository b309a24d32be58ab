"""The check that a stack is applied to its own workspace only, before Terraform starts.

The provider has a guard of its own: it stores the workspace's id with each resource and refuses another. This
one also covers a first deployment, where no state is there to know it, and says which setting leads astray.
"""

import os
from collections.abc import Mapping, Set
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.errors.base import DatabricksError

from common.errors import UserError
from infra.drift.reading.calls import no_workspace
from infra.stack.settings import Environment

HOST, PROFILE = "DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE"
# Seconds in which a call is tried again; the SDK would try a dead host for five minutes.
_TRYING = 5
# Seconds for one answer: a warehouse may take 50 for a statement, and more than a few where it has to start.
_ANSWERING = 75


def credentials_of(environment: Environment, process: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The process's environment, with profile `lakehouse-<name>` where it names no host and no profile."""
    named = process.get(HOST) or process.get(PROFILE)
    return {**process, **({} if named else {PROFILE: environment.stack_name})}


def workspace_client(credentials: Mapping[str, str]) -> WorkspaceClient:
    """The SDK's client for the workspace that `credentials` lead to; UserError when they lead nowhere."""
    profile = credentials.get(PROFILE)
    try:
        return WorkspaceClient(
            config=Config(profile=profile, retry_timeout_seconds=_TRYING, http_timeout_seconds=_ANSWERING)
        )
    except ValueError as error:
        raise no_workspace(error, profile) from error


def current_workspace(client: WorkspaceClient) -> str:
    """The id of the client's workspace; UserError when it cannot be reached."""
    try:
        return str(client.get_workspace_id())
    except (DatabricksError, OSError, TimeoutError) as error:
        raise UserError(f"{client.config.host} does not answer or lets nobody in: {error}") from error


def check_workspace(environment: Environment, state: Mapping[str, Any], actual: str) -> None:
    """UserError unless workspace `actual` is the one that settings and state know.

    `state` is the parsed output of `terraform state pull`, empty before the first apply.
    """
    expected = {
        "infra/stack/environments.py": {environment.workspace_id} - {None},
        "its state": recorded_workspaces(state),
    }
    for source, ids in expected.items():
        _must_be(environment, ids, source, actual)


def check_plan(environment: Environment, planned_on: str, actual: str) -> None:
    """UserError unless the plan was made on workspace `actual`: a first plan has no state that knows its workspace."""
    _must_be(environment, {planned_on}, "its plan", actual)


def _must_be(environment: Environment, ids: Set[str | None], source: str, actual: str) -> None:
    if ids - {actual}:
        owners = ", ".join(sorted(map(str, ids)))
        raise UserError(
            f"{environment.stack_name} belongs to workspace {owners} ({source}), but {HOST} or {PROFILE} "
            f"lead to workspace {actual}: nothing was planned or applied"
        )


def recorded_workspaces(state: Mapping[str, Any]) -> set[str]:
    """The workspace ids that the provider stored with the resources of `state`."""
    instances = [item["attributes"] for entry in state.get("resources", []) for item in entry["instances"]]
    blocks = [block for attributes in instances for block in _provider_configs(attributes)]
    return {block["workspace_id"] for block in blocks if block.get("workspace_id")}


def _provider_configs(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Blocks come as lists from the older half of the provider and as one object from the newer."""
    found = attributes.get("provider_config") or []
    return [found] if isinstance(found, dict) else found
