"""The plans that runs of the plan workflow left behind: how they are called, how one is fetched and read."""

import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.checkout import REPOSITORY
from infra.ci.github import download_artifact
from infra.ci.reviewed_plan import NoReviewedPlanError
from infra.deploy.packed import configuration_of
from infra.deploy.terraform import DEPLOY_FOLDER, Terraform
from infra.review.plan import read_plan
from infra.stack.settings import Environment
from infra.stack.synthesis import synthesize

FILES = ("tfplan", "workspace")
PLAN = re.compile(r"plan-(?P<environment>[a-z0-9-]+)-(?P<tree>[0-9a-f]{40})")


def plan_name(environment: Environment, tree: str) -> str:
    """What the plan workflow calls the plan of an environment and of a tree of git."""
    return f"plan-{environment.name}-{tree}"


def download_plan(environment: Environment, repository: str, run: int, name: str) -> None:
    """Bring the two files that are needed to `.deploy/`, under their own names: an artifact may hold anything."""
    with TemporaryDirectory() as folder:
        download_artifact(repository, run, name, Path(folder))
        for kind in FILES:
            file = f"{environment.stack_name}.{kind}"
            if not (Path(folder) / file).is_file():
                raise NoReviewedPlanError(f"the artifact {name} has no {file}")
            (REPOSITORY / DEPLOY_FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(Path(folder) / file, REPOSITORY / DEPLOY_FOLDER / file)


def planned_changes(environment: Environment) -> dict[str, Any]:
    """The plan file in `.deploy/` as Terraform's JSON, without the workspace and the state that it was made of.

    UserError when it is no plan of one stack, is not whole, or was made with another provider than this checkout's.
    """
    # Terraform starts the provider that this checkout pins, for the names of its fields; neither is to know who asks.
    unknown = {name: value for name, value in os.environ.items() if name != "GH_TOKEN"}
    terraform = Terraform(synthesize(environment), unknown)
    configuration_of(terraform.plan_file)
    terraform.init(state=False)
    parsed = terraform.plan_file.with_suffix(".plan.json")
    parsed.write_text(terraform.plan_json(), encoding="utf-8")
    return read_plan(parsed)
