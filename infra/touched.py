"""Which environments a change touches: `python -m infra.touched BASE_OUTPUT OUTPUT` prints their names as JSON.

Both are cdktf.out folders, of the target branch and of the change. A base that could not be synthesized (an empty
or missing folder) counts as different everywhere.
"""

import json
import sys
from pathlib import Path

from infra.environments import BUILDERS, STACK_PREFIX
from infra.synthesis import CONFIGURATION

DEPLOYED_BY_CI = ("staging", "prod")


def touched(base: Path, head: Path) -> list[str]:
    """The environments whose configuration differs; a changed file counts, its asset's path holds its hash."""
    return [name for name in BUILDERS if _configuration(base, name) != _configuration(head, name)]


def _configuration(output: Path, name: str) -> str | None:
    file = output / "stacks" / f"{STACK_PREFIX}{name}" / CONFIGURATION
    return file.read_text() if file.exists() else None


if __name__ == "__main__":
    print(
        json.dumps([name for name in touched(Path(sys.argv[1]), Path(sys.argv[2])) if name in DEPLOYED_BY_CI])
    )
