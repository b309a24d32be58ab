"""Terraform on one stack's folder: init, plan, apply, state; a failure adds one line to Terraform's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError
from infra.deploy.interrupts import run_to_its_end
from infra.stack.synthesis import PROVIDER_LOCK

DEPLOY_FOLDER = ".deploy"
# Two who deploy share a state, so one waits for the other instead of failing.
WAIT = "-lock-timeout=3m"
# What only reads takes no lock: a plan that is cut off leaves none behind, and needs no right to write one.
NO_LOCK = "-lock=false"


@dataclass(frozen=True)
class Terraform:
    """Terraform in the synthesized stack `folder`, with `credentials` as its process environment.

    Each call waits for Terraform's end, also at Ctrl-C; KeyboardInterrupt comes after it.
    """

    folder: Path
    credentials: Mapping[str, str]

    def init(self, *, reconfigure: bool = False, state: bool = True) -> None:
        """Install the provider and connect the state; another state than last time only with `reconfigure`.

        Without `state` nothing but `plan_json` can follow. Where the provider's hashes are committed no package with
        others is installed.
        """
        flags = [*(["-reconfigure"] if reconfigure else []), *([] if state else ["-backend=false"])]
        locked = ["-lockfile=readonly"] if PROVIDER_LOCK.exists() else []
        self._run("init", "-input=false", *flags, *locked, quiet=True)

    def state(self) -> dict[str, Any]:
        """The parsed state, empty before the first apply."""
        text = self._run("state", "pull", quiet=True)
        return json.loads(text) if text.strip() else {}

    def plan(self, *, destroy: bool = False, lock: bool = True) -> Path:
        """Write the plan beside the state and return its file; `plan_json` reads it.

        Without `lock` an apply may go on at the same time: Terraform refuses to apply a plan that one has overtaken.
        """
        plan = self.plan_file
        plan.parent.mkdir(parents=True, exist_ok=True)
        flags = ["-destroy"] if destroy else []
        self._run("plan", "-input=false", WAIT if lock else NO_LOCK, f"-out={plan}", *flags, quiet=True)
        return plan

    def plan_json(self) -> str:
        """The plan file as `terraform show -json` prints it."""
        return self._run("show", "-json", str(self.plan_file), quiet=True)

    def apply(self) -> None:
        """Apply the plan file, and nothing that was not in it."""
        self._run("apply", "-input=false", WAIT, str(self.plan_file))

    @property
    def plan_file(self) -> Path:
        """`.deploy/<stack>.tfplan` at the repository's top."""
        return self.folder.parents[2] / DEPLOY_FOLDER / f"{self.folder.name}.tfplan"

    def _run(self, *arguments: str, quiet: bool = False) -> str:
        command = ["terraform", f"-chdir={self.folder}", *arguments]
        try:
            code, output = run_to_its_end(command, self.credentials, quiet=quiet)
        except FileNotFoundError as error:
            raise UserError("terraform is not installed; version 1.10 or later is needed") from error
        if code:
            raise UserError(f"terraform {arguments[0]} failed for {self.folder.name}; its message is above")
        return output or ""
