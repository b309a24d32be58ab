"""GitHub's own command line, which the workflows have and which knows who asks; and what a step tells others."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import UserError

GitHubObject = Mapping[str, Any]


def gh(*arguments: str) -> str:
    """What `gh` prints; UserError with its words when it fails."""
    done = subprocess.run(["gh", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"gh {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def ask(path: str) -> Any:
    """The parsed answer of GitHub's API to a GET."""
    return json.loads(gh("api", path))


def pages(path: str, key: str | None = None) -> list[Any]:
    """All items of a list of GitHub's API, which stand under `key` where it has one."""
    found = json.loads(gh("api", "--paginate", "--slurp", path))
    return [item for page in found for item in (page[key] if key else page)]


def plan_runs(repository: str, commit: str) -> list[Any]:
    """All runs that the plan workflow had on a commit, a fork's among them."""
    return pages(f"repos/{repository}/actions/workflows/plan.yml/runs?head_sha={commit}", "workflow_runs")


def download_artifact(repository: str, run: int, artifact: str, folder: Path) -> None:
    """Unpack an artifact of a run into `folder`."""
    gh("run", "download", str(run), "--repo", repository, "--name", artifact, "--dir", str(folder))


def set_output(name: str, value: bool | int) -> None:
    """Tell the workflow's other steps a number, or `true` or `false`, under a name, by the file $GITHUB_OUTPUT."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"{name}={str(value).lower()}\n")
