"""GitHub's own command line, which the workflows have and which knows who asks; and what a step tells others."""

import json
import os
import subprocess
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from common.errors import UserError

GitHubObject = Mapping[str, Any]
# Bytes of an artifact as it is packed, and of a file that is read of it. Ours, with every chart, come to two million.
MOST_BYTES = 10_000_000


def gh(*arguments: str) -> str:
    """What `gh` prints; UserError with its words when it fails."""
    return _gh_bytes(*arguments).decode("utf-8", errors="replace")


def _gh_bytes(*arguments: str) -> bytes:
    done = subprocess.run(["gh", *arguments], capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip()
        raise UserError(f"gh {' '.join(arguments)}: {said}")
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


def open_pulls(repository: str, run: GitHubObject) -> list[Any]:
    """The open pull requests of the branch of a run, and of one named alike in another repository of its owner.

    Of a fork's run GitHub names no pull request itself.
    """
    owner = (run["head_repository"] or {}).get("full_name", "").partition("/")[0]
    head = quote(f"{owner}:{run['head_branch']}", safe="")
    return pages(f"repos/{repository}/pulls?state=open&head={head}")


def artifact_text(repository: str, artifact: GitHubObject, file: str) -> str | None:
    """The text of a file of an artifact; None where it cannot be had, or is larger than any of ours.

    Nothing is unpacked but this file, and no more of it than is read: who packed the artifact may be a stranger.
    """
    if artifact["size_in_bytes"] > MOST_BYTES:
        return None
    packed = _gh_bytes("api", f"repos/{repository}/actions/artifacts/{artifact['id']}/zip")
    try:
        with ZipFile(BytesIO(packed)) as archive:
            # The other two methods unpack all of a chunk at once, whatever it comes to.
            if archive.getinfo(file).compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
                return None
            with archive.open(file) as content:
                text = content.read(MOST_BYTES + 1)
    except (BadZipFile, KeyError, RuntimeError, OSError, EOFError, zlib.error):
        return None
    return text.decode("utf-8", errors="replace") if len(text) <= MOST_BYTES else None


def download_artifact(repository: str, run: int, artifact: str, folder: Path) -> None:
    """Unpack an artifact of a run into `folder`."""
    gh("run", "download", str(run), "--repo", repository, "--name", artifact, "--dir", str(folder))


def set_output(name: str, value: bool | int) -> None:
    """Tell the workflow's other steps a number, or `true` or `false`, under a name, by the file $GITHUB_OUTPUT."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"{name}={str(value).lower()}\n")
