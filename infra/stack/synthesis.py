"""From an environment to the Terraform configuration of its stack, in this process and without cdktf-cli."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common.checkout import REPOSITORY
from infra.stack.settings import Environment
from infra.stack.sources import uploaded_files

OUTPUT = REPOSITORY / "cdktf.out"
CONFIGURATION = "cdk.tf.json"
TERRAFORMS_LOCK = ".terraform.lock.hcl"
# The provider's hashes, where `make provider-lock` has written them.
PROVIDER_LOCK = REPOSITORY / "infra" / "terraform.lock.hcl"
StackConfiguration = dict[str, Any]


def synthesize(environment: Environment, output: Path = OUTPUT, checkout: Path = REPOSITORY) -> Path:
    """Write the stack of `environment` below `output` and return its folder, where Terraform is to run.

    The folder holds `cdk.tf.json` and the uploaded files as assets. `checkout` is where pipelines/ and
    generator/ are taken from. Raises UserError when a file that the stack names is missing.
    """
    return synthesize_all([environment], output, checkout)[environment.name]


def synthesize_all(
    environments: Iterable[Environment], output: Path = OUTPUT, checkout: Path = REPOSITORY
) -> dict[str, Path]:
    """As `synthesize`, for several environments at once: stack folders by environment name."""
    # Imported here: loading the bindings takes seconds, and callers that only read settings need none.
    from cdktf import App

    from infra.stack.lakehouse_stack import LakehouseStack

    output.mkdir(parents=True, exist_ok=True)
    app = App(outdir=str(output))
    files = uploaded_files(checkout)
    stacks = [LakehouseStack(app, environment, checkout, files) for environment in environments]
    app.synth()
    names = [stack.to_string() for stack in stacks]
    folders = {name.removeprefix("lakehouse-"): output / "stacks" / name for name in names}
    if PROVIDER_LOCK.exists():
        for folder in folders.values():
            shutil.copyfile(PROVIDER_LOCK, folder / TERRAFORMS_LOCK)
    return folders


def load_stack(stack_folder: Path) -> StackConfiguration:
    """The synthesized configuration: `resource` maps type and name to the declared arguments."""
    return json.loads((stack_folder / CONFIGURATION).read_text())
