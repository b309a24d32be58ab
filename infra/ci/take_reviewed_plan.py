"""Takes the reviewed plan of a commit on main: `python -m infra.ci.take_reviewed_plan ENVIRONMENT COMMIT TREE`.

Writes `reviewed=true` or `reviewed=false` to the file $GITHUB_OUTPUT. With true the plan lies in `.deploy/`, was looked
into and is shown; with false nothing there is to be used, and the reason is shown.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.ci.github import gh, set_output
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
from infra.deploy.terraform import DEPLOY_FOLDER
from infra.review.digest import plan_digest
from infra.stack.environments import find_environment
from infra.stack.settings import Environment

FILES = ("tfplan", "workspace")


def take_plan(environment: Environment, repository: str, commit: str, tree: str) -> None:
    """Bring the reviewed plan to `.deploy/`; UserError with the reason when there is none to be trusted."""
    home = f"repos/{repository}"
    pull = merged_pull(_pages(f"{home}/commits/{commit}/pulls"), repository, commit)
    runs = _pages(f"{home}/actions/workflows/plan.yml/runs?head_sha={pull['head']['sha']}", "workflow_runs")
    run = green_run(runs, pull, repository)
    name = f"plan-{environment.name}-{tree}"
    if not has_artifact(_pages(f"{home}/actions/runs/{run['id']}/artifacts", "artifacts"), name):
        raise NoReviewedPlanError(f"#{pull['number']} left no plan of this tree")
    _download(environment, repository, run["id"], name)
    plan, summary = operate.review(environment)
    label = LABEL.format(environment=environment.name, digest=plan_digest(plan))
    events = _pages(f"{home}/issues/{pull['number']}/events")
    if summary.dangers and not is_accepted(events, pull, own_runs(runs, pull, repository), label):
        raise NoReviewedPlanError(
            f"the plan of #{pull['number']} is dangerous, and nobody else put {label!r} there"
        )


def _download(environment: Environment, repository: str, run: int, name: str) -> None:
    """Take the two files that are needed, under their own names: an artifact may hold anything."""
    with TemporaryDirectory() as folder:
        gh("run", "download", str(run), "--repo", repository, "--name", name, "--dir", folder)
        for kind in FILES:
            file = f"{environment.stack_name}.{kind}"
            if not (Path(folder) / file).is_file():
                raise NoReviewedPlanError(f"the artifact {name} has no {file}")
            (REPOSITORY / DEPLOY_FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(Path(folder) / file, REPOSITORY / DEPLOY_FOLDER / file)


def _pages(path: str, key: str | None = None) -> list[Any]:
    """All items of a list of GitHub's API, which stand under `key` where it has one."""
    pages = json.loads(gh("api", "--paginate", "--slurp", path))
    return [item for page in pages for item in (page[key] if key else page)]


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
