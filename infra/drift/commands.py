"""The exact commands that lead back: Databricks CLI (0.2xx) calls, and the deployment."""

import json
import shlex
from collections.abc import Mapping
from typing import Any


def deploy_command(environment: str) -> str:
    """Apply the stack, after its review."""
    return f"make deploy ENV={environment}"


def rebuild_command(environment: str, table: str) -> str:
    """Write a table from the start, and all that is made from it."""
    return f"pipenv run lakehouse rebuild --env {environment} --select {table}"


def cli(*words: str, body: Mapping[str, Any] | None = None) -> str:
    """A call of the Databricks CLI, quoted for a POSIX shell."""
    json_words = ["--json", json.dumps(body, sort_keys=True)] if body is not None else []
    return shlex.join(["databricks", *words, *json_words])


def grant_command(kind: str, full_name: str, principal: str, add: set[str], remove: set[str]) -> str:
    """Give `principal` the privileges `add` and take `remove`."""
    change = {"principal": principal, "add": sorted(add), "remove": sorted(remove)}
    kept = {key: value for key, value in change.items() if value}
    return cli("grants", "update", kind, full_name, body={"changes": [kept]})


def upload_command(workspace_path: str, file: str) -> str:
    """Put the repository's `file` back."""
    return cli("workspace", "import", workspace_path, "--file", file, "--format", "RAW", "--overwrite")


def terraform_replace(environment: str, address: str) -> str:
    """Make a resource anew, in the synthesized stack's folder."""
    folder = f"-chdir=cdktf.out/stacks/lakehouse-{environment}"
    return shlex.join(["terraform", folder, "apply", f"-replace={address}"])


def terraform_import(environment: str, address: str, full_name: str) -> str:
    """Put what exists under Terraform, in the synthesized stack's folder."""
    return shlex.join(
        ["terraform", f"-chdir=cdktf.out/stacks/lakehouse-{environment}", "import", address, full_name]
    )
