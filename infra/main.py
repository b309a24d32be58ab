"""The CDKTF app: `python -m infra.main [ENVIRONMENT...]` synthesizes the named environments, or all."""

import os
import sys
from pathlib import Path

from common.errors import UserError
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.synthesis import OUTPUT, synthesize_all


def main(names: list[str]) -> int:
    """Synthesize to $CDKTF_OUTDIR (set by cdktf-cli) or cdktf.out; return the exit code."""
    try:
        environments = [find_environment(name) for name in names or BUILDERS]
        folders = synthesize_all(environments, Path(os.environ.get("CDKTF_OUTDIR", OUTPUT)))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for folder in folders.values():
        print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
