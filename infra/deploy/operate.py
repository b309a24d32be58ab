"""Plan, deploy and destroy one environment: `python -m infra.deploy.operate ACTION ENVIRONMENT`.

Each checks the workspace first, and applies the very plan that was shown.
"""

import json
import sys
from pathlib import Path
from typing import Any

from common.checkout import REPOSITORY
from common.counting import counted
from common.errors import UserError
from infra.deploy.adopt import ADOPTION_FILE, import_blocks
from infra.deploy.deployed_commit import record_commit
from infra.deploy.guard import (
    check_plan,
    check_workspace,
    credentials_of,
    current_workspace,
    workspace_client,
)
from infra.deploy.packed import StalePlanError, check_configuration, check_objects, is_stale
from infra.deploy.terraform import Terraform
from infra.review.render import as_text
from infra.review.summary import Summary, summarize
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import Environment, LocalState
from infra.stack.synthesis import PROVIDER_LOCK, load_stack, synthesize


def connect(environment: Environment, folder: Path) -> tuple[Terraform, str]:
    """Connect the synthesized stack in `folder` to its state; return Terraform and the workspace's id.

    Raises UserError when the workspace is not the environment's own, and for a protected environment without the
    provider's hashes: what is installed there is to be what was reviewed.
    """
    if environment.protect and not PROVIDER_LOCK.exists():
        raise UserError(
            f"{environment.stack_name} is protected, and the provider's hashes are not committed: run "
            "`make provider-lock` where Terraform's registry is reached, and commit infra/terraform.lock.hcl"
        )
    credentials = credentials_of(environment)
    terraform = Terraform(folder, credentials)
    # The local workspace's state moves with $LAKEHOUSE_HOME; to follow it is no migration.
    terraform.init(reconfigure=isinstance(environment.state, LocalState))
    workspace = current_workspace(workspace_client(credentials))
    check_workspace(environment, terraform.state(), workspace)
    print(f"{environment.stack_name} on workspace {workspace}", flush=True)
    return terraform, workspace


def plan(environment: Environment, *, destroy: bool = False, lock: bool = True) -> tuple[Terraform, Summary]:
    """Plan and print the summary.

    `.deploy/<stack>.tfplan` keeps the plan, `<stack>.plan.json` its JSON, `<stack>.workspace` where it was made.
    """
    terraform, workspace = connect(environment, synthesize(environment))
    file = terraform.plan(destroy=destroy, lock=lock)
    _workspace_file(file).write_text(workspace)
    return terraform, _shown(environment, terraform)[1]


def review(environment: Environment) -> tuple[dict[str, Any], Summary]:
    """Look into the plan that another run left in `.deploy/`; print its summary and return it with the parsed plan.

    UserError when it was made elsewhere, from other code, or of a state that has changed since.
    """
    return _shown(environment, checked_plan(environment))


def _shown(environment: Environment, terraform: Terraform) -> tuple[dict[str, Any], Summary]:
    text = terraform.plan_json()
    _json_file(terraform.plan_file).write_text(text)
    plan = json.loads(text)
    summary = summarize(plan, REPOSITORY)
    print(as_text(environment.stack_name, summary))
    return plan, summary


def checked_plan(environment: Environment) -> Terraform:
    """Terraform with the plan file that is there, which must be this checkout's and this workspace's."""
    terraform, workspace = connect(environment, synthesize(environment))
    for file in (terraform.plan_file, _workspace_file(terraform.plan_file)):
        if not file.exists():
            raise UserError(f"{file} is missing: plan {environment.name} first")
    check_plan(environment, _workspace_file(terraform.plan_file).read_text(), workspace)
    check_configuration(terraform.plan_file, terraform.folder)
    state = terraform.state()
    if is_stale(terraform.plan_file, state):
        raise StalePlanError(f"{environment.stack_name} was changed since it was planned: plan it anew")
    check_objects(terraform.plan_file, state)
    return terraform


def deploy(environment: Environment) -> None:
    """Plan, then apply that plan; asks first when it is dangerous."""
    terraform, summary = plan(environment)
    if summary.dangers:
        _confirm(environment, "This plan is dangerous.")
    if summary.counts:
        terraform.apply()
    _record(environment)


def apply(environment: Environment) -> None:
    """Apply the plan that an earlier `plan` left behind, to the workspace and the stack that it was made of."""
    checked_plan(environment).apply()
    _record(environment)


def destroy(environment: Environment) -> None:
    """Destroy everything in the environment after asking; a protected environment is refused."""
    if environment.protect:
        raise UserError(f"{environment.stack_name} is protected and is never destroyed from here")
    terraform, summary = plan(environment, destroy=True)
    if summary.counts:
        _confirm(environment, "All of this goes, with the data in it.")
        terraform.apply()


def adopt(environment: Environment) -> None:
    """Make a lost state anew: import all that the stack declares and the workspace has, after asking."""
    folder = synthesize(environment)
    blocks = import_blocks(load_stack(folder), workspace_client(credentials_of(environment)))
    imports = folder / ADOPTION_FILE
    imports.write_text(json.dumps({"import": blocks}))
    try:
        terraform, _ = plan(environment)
        _confirm(
            environment,
            f"{counted(len(blocks), 'resource is', 'resources are')} imported, then this plan is applied.",
        )
        terraform.apply()
    finally:
        imports.unlink()
    _record(environment)


def _record(environment: Environment) -> None:
    record_commit(environment, workspace_client(credentials_of(environment)))


def _json_file(plan_file: Path) -> Path:
    return plan_file.with_suffix(".plan.json")


def _workspace_file(plan_file: Path) -> Path:
    return plan_file.with_suffix(".workspace")


def _confirm(environment: Environment, warning: str) -> None:
    try:
        answer = input(f"{warning} Type {environment.stack_name} to go on: ")
    except EOFError:
        answer = ""
    if answer.strip() != environment.stack_name:
        raise UserError("nothing was applied")


def preview(environment: Environment) -> None:
    """As `plan`, without the state's lock: for who may only read it, and for runs that may be cancelled."""
    plan(environment, lock=False)


ACTIONS = {
    "plan": plan, "preview": preview, "apply": apply, "deploy": deploy, "destroy": destroy, "adopt": adopt,
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run one action on one environment and return the exit code."""
    if len(arguments) != 2 or arguments[0] not in ACTIONS:
        print(
            f"usage: python -m infra.deploy.operate {'|'.join(ACTIONS)} {'|'.join(BUILDERS)}", file=sys.stderr
        )
        return 1
    try:
        ACTIONS[arguments[0]](find_environment(arguments[1]))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
