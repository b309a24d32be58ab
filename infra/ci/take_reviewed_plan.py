"""Takes the reviewed plan of a commit on main: `python -m infra.ci.take_reviewed_plan ENVIRONMENT COMMIT TREE`.

Writes `reviewed=true` or `reviewed=false` to the file $GITHUB_OUTPUT. With true the plan lies in `.deploy/`, was looked
into and is shown; with false nothing there is to be used, and the reason is shown.
"""

import os
import sys

from common.errors import UserError
from infra.ci.artifacts import download_plan, plan_name
from infra.ci.github import pages, plan_runs, set_output
from infra.ci.reviewed_plan import (
    LABEL,
    NoReviewedPlanError,
    green_run,
    has_artifact,
    is_accepted,
    merged_pull,
    own_runs,
)
from infra.deploy import operate
from infra.review.digest import plan_digest
from infra.stack.environments import find_environment
from infra.stack.settings import Environment


def take_plan(environment: Environment, repository: str, commit: str, tree: str) -> None:
    """Bring the reviewed plan to `.deploy/`; UserError with the reason when there is none to be trusted."""
    home = f"repos/{repository}"
    pull = merged_pull(pages(f"{home}/commits/{commit}/pulls"), repository, commit)
    runs = plan_runs(repository, pull["head"]["sha"])
    run = green_run(runs, pull, repository)
    name = plan_name(environment, tree)
    if not has_artifact(pages(f"{home}/actions/runs/{run['id']}/artifacts", "artifacts"), name):
        raise NoReviewedPlanError(f"#{pull['number']} left no plan of this tree")
    download_plan(environment, repository, run["id"], name)
    plan, summary = operate.review(environment)
    label = LABEL.format(environment=environment.name, digest=plan_digest(plan))
    events = pages(f"{home}/issues/{pull['number']}/events")
    if summary.dangers and not is_accepted(events, pull, own_runs(runs, pull, repository), label):
        raise NoReviewedPlanError(
            f"the plan of #{pull['number']} is dangerous, and nobody else put {label!r} there"
        )


def main(name: str, commit: str, tree: str) -> int:
    """Take the plan and say whether it may be applied; return the exit code, 0 in either case."""
    try:
        take_plan(find_environment(name), os.environ["GITHUB_REPOSITORY"], commit, tree)
        reviewed = True
    except UserError as error:
        print(f"::notice::{name} is planned anew: {error}")
        reviewed = False
    set_output("reviewed", reviewed)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
