"""A plan file that another run made: it is data from somewhere else until main's own code has looked into it.

Terraform applies the configuration that is in the plan file, whatever folder it stands in. So that must be what this
checkout says, byte for byte. And it must be of the state as it is now: Terraform would refuse another one, after the
approval. It takes the ids of what it changes from the plan file, too: so those must be the state's.
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
# What says which object of the workspace a resource of the state is.
IDENTIFYING = ("id", "name", "path", "entity_type", "entity_name", "tag_key")
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
        # What it only looked up is in the plan of an empty state, too.
        return any(one["mode"] == "managed" for one in planned.get("resources", []))
    return (planned.get("lineage"), planned.get("serial")) != (state.get("lineage"), state.get("serial"))


def check_objects(plan_file: Path, state: Mapping[str, Any]) -> None:
    """UserError when the plan takes something for a resource that the state of now does not have as that resource.

    To plan may show that an object was changed or is gone, and never another one in its place.
    """
    planned = _objects(json.loads(_entries(plan_file).get(STATE, b"{}")))
    if strange := planned - _objects(state):
        raise UserError(f"{plan_file.name} takes another object for {min(strange)[0]} than the state does")


def _objects(state: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The address of each instance that the state has of a resource, and what identifies its object."""
    return {
        (f"{entry['type']}.{entry['name']}[{one.get('index_key', '')}]", _identity(entry, one))
        for entry in state.get("resources", [])
        if entry["mode"] == "managed"
        for one in entry["instances"]
    }


def _identity(entry: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    given = instance.get("attributes") or {}
    known = {name: given[name] for name in IDENTIFYING if name in given}
    return json.dumps([entry.get("module"), entry.get("provider"), instance.get("deposed"), known])


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
