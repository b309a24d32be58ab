"""Finds a pull request's reviewed plan: `python -m infra.ci.pull_request_plan REPOSITORY COMMIT ARTIFACT`.

The plan workflow names its artifact after the tree it planned, so a commit on main has a reviewed plan exactly when
its tree is the one that the pull request's checks saw. Prints the id of the run that holds the artifact, or nothing.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import UserError

GitHubObject = Mapping[str, Any]


def pull_request_run(artifacts: Iterable[GitHubObject], pulls: Iterable[GitHubObject]) -> int | None:
    """The newest run whose artifact was made from the last commit of a pull request that was merged.

    Any other run may have been started by a commit that nobody reviewed, so its plan counts for nothing.
    """
    merged = {pull["head"]["sha"] for pull in pulls if pull.get("merged_at")}
    runs = [
        artifact["workflow_run"]["id"]
        for artifact in artifacts
        if not artifact["expired"] and artifact["workflow_run"]["head_sha"] in merged
    ]
    return max(runs, default=None)


def _github(path: str) -> Any:
    done = subprocess.run(["gh", "api", path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"gh api {path}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def main(repository: str, commit: str, artifact: str) -> int:
    """Ask GitHub and print the run's id; return the exit code."""
    try:
        artifacts = _github(f"repos/{repository}/actions/artifacts?name={artifact}&per_page=100")["artifacts"]
        run = pull_request_run(artifacts, _github(f"repos/{repository}/commits/{commit}/pulls"))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(run or "")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
