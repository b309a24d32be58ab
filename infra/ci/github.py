"""GitHub's own command line, which the workflows have and which knows who asks."""

import json
import subprocess
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
