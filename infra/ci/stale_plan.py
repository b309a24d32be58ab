"""Whether the plan in `.deploy/` is stale: `python -m infra.ci.stale_plan ENVIRONMENT`.

It writes `stale=true` or `stale=false` to the file $GITHUB_OUTPUT. Asked after the approval, which may take days: a
stale plan is planned anew in the same run instead of failing it.
"""

import sys

from common.errors import UserError
from infra.ci.github import set_output
from infra.deploy.operate import checked_plan
from infra.deploy.packed import StalePlanError
from infra.stack.environments import find_environment


def main(name: str) -> int:
    """Write the answer; return 1 where the plan is none of this checkout's."""
    try:
        checked_plan(find_environment(name))
        stale = False
    except StalePlanError as error:
        print(f"::notice::{error}")
        stale = True
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    set_output("stale", stale)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
