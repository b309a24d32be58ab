"""A plan file that another run made: it is data from somewhere else until main's own code has looked into it.

Terraform applies the configuration that is in the plan file, whatever folder it stands in. So that must be what this
checkout says, byte for byte. And it must be of the state as it is now: Terraform would refuse another one, after the
approval.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import UserError
from infra.stack.synthesis import CONFIGURATION

ROOT_MODULE = "tfconfig/m-/"
MODULES = "tfconfig/modules.json"
STATE = "tfstate"
# A file that says it is larger is no plan of ours.
MOST_BYTES = 50_000_000


class StalePlanError(UserError):
    """Another apply has changed the state since the plan was made."""


def check_configuration(plan_file: Path, stack_folder: Path) -> None:
    """UserError unless the plan was made from the configuration in `stack_folder`, and from no other file."""
    if configuration_of(plan_file) != (stack_folder / CONFIGURATION).read_bytes():
        raise UserError(f"{plan_file.name} was made from another configuration than this checkout's")


def configuration_of(plan_file: Path) -> bytes:
    """What the plan was made from; UserError where that is anything else than the one file of a stack."""
    found = {
        name: content
        for name, content in _entries(plan_file).items()
        if name.startswith("tfconfig/") and name != MODULES
    }
    if list(found) != [f"{ROOT_MODULE}{CONFIGURATION}"]:
        raise UserError(
            f"{plan_file.name} was made from another configuration than a stack's {CONFIGURATION}"
        )
    return found[f"{ROOT_MODULE}{CONFIGURATION}"]


def is_stale(plan_file: Path, state: Mapping[str, Any]) -> bool:
    """Whether another apply has changed the state since; `state` is that of now, empty before the first apply."""
    planned = json.loads(_entries(plan_file).get(STATE, b"{}"))
    if not state:
        return bool(planned.get("resources"))
    return (planned.get("lineage"), planned.get("serial")) != (state.get("lineage"), state.get("serial"))


def _entries(plan_file: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(plan_file) as packed:
            names = packed.namelist()
            # Of two entries of one name Terraform and Python might read another one each.
            if len(names) != len(set(names)) or sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
                raise UserError(
                    f"{plan_file.name} is no plan of Terraform: it is too large, or tells things twice"
                )
            return {name: packed.read(name) for name in names}
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise UserError(f"{plan_file.name} is no plan of Terraform: {error}") from error
