"""A workflow's own shell, run with recording stand-ins for what is on a network."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from common.checkout import REPOSITORY

# Answers are files that are named by the path asked for; an artifact is a folder, and its archive a file that is named
# by a number; what is deleted is written down.
GITHUB = """#!/bin/bash
case "$*" in
  "run download"*) echo "$*" > "$ANSWERS/downloaded"; cp -r "$ANSWERS/artifacts/$7/." "${@: -1}" ;;
  */artifacts/*/zip) last="${@: -1}"; last="${last%/zip}"; cat "$ANSWERS/archives/${last##*/}" ;;
  *DELETE*) echo "${@: -1}" >> "$ANSWERS/deleted" ;;
  *) file="$ANSWERS/$(tr '/?=&' '____' <<< "${@: -1}").json"
     [ -e "$file" ] && cat "$file" || { echo "HTTP 404" >&2; exit 1; } ;;
esac
"""


def github(folder: Path, answers: Mapping[str, Any]) -> dict[str, str]:
    """Put a `gh` that answers by path into `folder`; returns the variables with which it is the one that is found."""
    script(folder / "bin/gh", GITHUB)
    for path, answer in answers.items():
        (folder / f"{path.translate(str.maketrans('/?=&', '____'))}.json").write_text(json.dumps(answer))
    return {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "ANSWERS": str(folder)}


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
