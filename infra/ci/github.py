"""GitHub's own command line, which the workflows have and which knows who asks; and what a step tells others."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from common.errors import UserError


def gh(*arguments: str) -> str:
    """What `gh` prints; UserError with its words when it fails."""
    done = subprocess.run(["gh", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"gh {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def ask(path: str) -> Any:
    """The parsed answer of GitHub's API to a GET."""
    return json.loads(gh("api", path))


def set_output(name: str, value: bool) -> None:
    """Tell the workflow's other steps `true` or `false` under a name, by the file $GITHUB_OUTPUT."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"{name}={str(value).lower()}\n")
