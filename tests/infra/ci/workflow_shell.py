"""A workflow's own shell, run with recording stand-ins for what is on a network."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from common.checkout import REPOSITORY


def job(workflow: str, name: str) -> dict[str, Any]:
    """The parsed job `name` of `.github/workflows/<workflow>.yml`."""
    content = yaml.safe_load((REPOSITORY / f".github/workflows/{workflow}.yml").read_text())
    return content["jobs"][name]


def shell_of(found: dict[str, Any], step: str) -> str:
    """The script of the step that is called `step`."""
    return next(one["run"] for one in found["steps"] if one.get("name") == step)


def script(path: Path, text: str) -> None:
    """Write `text` to `path` as something to run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run(folder: Path, shell: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `shell` in `folder` as GitHub does (`bash -e`, no pipefail), with `folder`/bin first on the path."""
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **variables}
    command = ["bash", "-e", "-c", shell]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
