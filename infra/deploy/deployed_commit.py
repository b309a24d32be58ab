"""Which commit an environment holds: a tag on its catalog, which each apply writes and the search for drift reads.

`python -m infra.deploy.deployed_commit ENVIRONMENT` prints the commit to compare the workspace with: the recorded one,
else HEAD, for which standard error gives the reason. Only what HEAD came from is trusted: whoever may tag the catalog
could else have any code run by the identity that looks for drift.
"""

import re
import subprocess
import sys
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.catalog import EntityTagAssignment

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.deploy.guard import credentials_of, workspace_client
from infra.stack.environments import find_environment
from infra.stack.settings import Environment

TAG = "deployed_commit"
CATALOGS = "catalogs"
COMMIT = re.compile("[0-9a-f]{40}")
CHANGED = "+changes"


def record_commit(environment: Environment, client: WorkspaceClient, checkout: Path = REPOSITORY) -> None:
    """Write down that the environment now holds the checkout's commit; nothing where git does not know one.

    Raises UserError when that cannot be written; what was applied is applied.
    """
    commit = _git(checkout, "rev-parse", "HEAD")
    if not commit:
        return
    value = commit + (CHANGED if _git(checkout, "status", "--porcelain", "--untracked-files=no") else "")
    tag = EntityTagAssignment(
        entity_type=CATALOGS, entity_name=environment.catalog, tag_key=TAG, tag_value=value
    )
    try:
        if recorded_commit(environment, client) is None:
            client.entity_tag_assignments.create(tag)
        else:
            client.entity_tag_assignments.update(
                CATALOGS, environment.catalog, TAG, tag, update_mask="tag_value"
            )
    except (DatabricksError, OSError) as error:
        raise UserError(
            f"{environment.stack_name} is applied, but not which commit it holds: the tag {TAG} on the catalog "
            f"{environment.catalog} cannot be written ({error})"
        ) from error


def recorded_commit(environment: Environment, client: WorkspaceClient) -> str | None:
    """What was recorded last; None before the first time, and where the catalog is not there."""
    try:
        return client.entity_tag_assignments.get(CATALOGS, environment.catalog, TAG).tag_value
    except NotFound:
        return None


def to_compare(
    environment: Environment, client: WorkspaceClient, checkout: Path = REPOSITORY
) -> tuple[str, str]:
    """The commit to compare the workspace with, and why it is not the recorded one ("" when it is)."""
    found = recorded_commit(environment, client)
    head = _git(checkout, "rev-parse", "HEAD")
    if found is None:
        return head, "no commit is recorded"
    if not COMMIT.fullmatch(found):
        return head, f"what is deployed is no commit: {found}"
    if _git(checkout, "merge-base", found, "HEAD") != found:
        return head, f"what is deployed, {found}, is not what {head} came from"
    return found, ""


def _git(checkout: Path, *arguments: str) -> str:
    """What git says, "" where it knows no such thing."""
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def main(arguments: list[str]) -> int:
    """Print the commit and return the exit code."""
    if len(arguments) != 1:
        print("usage: python -m infra.deploy.deployed_commit ENVIRONMENT", file=sys.stderr)
        return 1
    try:
        environment = find_environment(arguments[0])
        client = workspace_client(credentials_of(environment))
        commit, reason = to_compare(environment, client)
    except (UserError, DatabricksError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if reason:
        print(f"comparing with HEAD: {reason}", file=sys.stderr)
    print(commit)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
