"""Which environments a change touches: `python -m infra.ci.changed_environments BASE OUTPUT` prints the outputs.

Both are cdktf.out folders, of the target branch and of the change. A base that could not be synthesized (an empty
or missing folder) counts as different everywhere.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from infra.stack.environments import BUILDERS, STACK_PREFIX, find_environment
from infra.stack.settings import LocalState
from infra.stack.synthesis import CONFIGURATION


def changed_environments(base: Path, head: Path) -> list[str]:
    """The environments whose configuration differs; a changed file counts, its asset's path holds its hash."""
    return [name for name in BUILDERS if _configuration(base, name) != _configuration(head, name)]


def outputs(names: Iterable[str]) -> dict[str, list[str]]:
    """`planned` and `unplanned` of the environments `names`: a state on somebody's machine cannot be planned here."""
    found = list(names)
    unplanned = [name for name in found if isinstance(find_environment(name).state, LocalState)]
    return {"planned": [name for name in found if name not in unplanned], "unplanned": unplanned}


def _configuration(output: Path, name: str) -> str | None:
    file = output / "stacks" / f"{STACK_PREFIX}{name}" / CONFIGURATION
    return file.read_text() if file.exists() else None


if __name__ == "__main__":
    for output, environments in outputs(changed_environments(Path(sys.argv[1]), Path(sys.argv[2]))).items():
        print(f"{output}={json.dumps(environments)}")
