"""The two ways to deploy a stack to the local workspace: Terraform, and databricks-sdk where it cannot be had."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from databricks.sdk import WorkspaceClient

from common.counting import counted
from common.errors import UserError
from infra.deploy.terraform import Terraform
from infra.stack.synthesis import load_stack
from lakehouse.deployment import sdk_deployment as deploy
from lakehouse.deployment.principals import DEPLOYER, PLANNER
from lakehouse.output.lines import Say
from local.workspace.http.serving import Served


class Deployer(Protocol):
    """Puts the stack into the workspace and takes it out again."""

    def deploy(self) -> str:
        """Deploy; what was done, in a few words. UserError when a second deployment would change anything."""
        ...

    def plan(self) -> str | None:
        """Plan as the planner; what was found, in a few words, None where there is nothing to plan with."""
        ...

    def destroy(self) -> None:
        """Remove everything."""
        ...


@dataclass(frozen=True)
class ByTerraform:
    """The real way: Terraform with the Databricks provider."""

    terraform: Terraform
    planner: Terraform

    def deploy(self) -> str:
        """Apply, then plan again: that plan must be empty."""
        created = len(_planned(self.terraform))
        self.terraform.apply()
        if again := _planned(self.terraform):
            raise UserError(f"a second plan is not empty: {', '.join(again)}")
        return f"terraform changed {counted(created, 'resource')}; a second plan is empty"

    def plan(self) -> str:
        """A plan by the planner, which must be empty, too."""
        if found := _planned(self.planner):
            raise UserError(f"the planner sees changes that are none: {', '.join(found)}")
        return "the planner's plan is empty"

    def destroy(self) -> None:
        """Plan the destruction and apply that plan."""
        self.terraform.plan(destroy=True)
        self.terraform.apply()


def _planned(terraform: Terraform) -> list[str]:
    """The addresses of the resources that a plan would change."""
    terraform.plan()
    changes = json.loads(terraform.plan_json()).get("resource_changes", [])
    return [change["address"] for change in changes if change["change"]["actions"] != ["no-op"]]


@dataclass(frozen=True)
class BySdk:
    """The way without the provider: the same resources through databricks-sdk."""

    folder: Path
    client: WorkspaceClient

    def deploy(self) -> str:
        """Create or change all resources."""
        stack = load_stack(self.folder)
        deploy.deploy_by_sdk(stack, self.client, self.folder)
        return f"databricks-sdk deployed {counted(sum(map(len, stack['resource'].values())), 'resource')}"

    def plan(self) -> None:
        """Nothing: the SDK has no plan, and drift reads the same."""

    def destroy(self) -> None:
        """Delete all resources."""
        deploy.destroy_by_sdk(load_stack(self.folder), self.client, self.folder)


def deployer_of(stack: Path, served: Served, say: Say) -> Deployer:
    """Terraform where the provider can be had, else databricks-sdk, each as the deployer of the environment."""
    reason = why_no_terraform(stack)
    if reason:
        say(f"deploying through databricks-sdk, since {reason}")
        return BySdk(stack, served.client(DEPLOYER))
    terraform = Terraform(stack, environment_of(served, DEPLOYER))
    return ByTerraform(terraform, replace(terraform, credentials=environment_of(served, PLANNER)))


def why_no_terraform(stack: Path) -> str | None:
    """Why Terraform cannot deploy the stack in this folder, None when it can: it is initialised then."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    command = ["terraform", f"-chdir={stack}", "init", "-input=false", "-no-color"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    problem = next((line for line in done.stderr.splitlines() if line.startswith("Error")), "Error: unknown")
    return f"`terraform init` cannot get the Databricks provider ({problem.removeprefix('Error: ')})"


def environment_of(served: Served, role: str | None = None) -> dict[str, str]:
    """This process's environment with the local workspace as the only Databricks in it, and a role's token."""
    others = {key: value for key, value in os.environ.items() if not key.startswith("DATABRICKS_")}
    return others | served.variables(role)
