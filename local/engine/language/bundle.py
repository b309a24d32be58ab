"""A pipeline of a Databricks bundle: its settings, with the bundle's variables put in.

Of a bundle are read `databricks.yml`, what it includes, the chosen target's overrides, and variables from
`BUNDLE_VAR_<name>` and `.databricks/bundle/<target>/variable-overrides.json`. The target is
`$DATABRICKS_BUNDLE_TARGET`, else the default one, else the only one.
"""

import getpass
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from common.errors import UserError

_ROOT_FILES = ("databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.\-\[\]]*)\}")
# Where a deployment would stand; its files are the bundle's own.
_DEPLOYED = ".bundle"
_TARGET = "DATABRICKS_BUNDLE_TARGET"
_VARIABLE = "BUNDLE_VAR_"


def pipeline_of(file: Path, key: str, fields: Sequence[str]) -> tuple[dict[str, Any], Path, Path]:
    """The settings of the pipeline that `file` defines (`key` names one of several), the folder that their paths are
    relative to, and the bundle's root. Variables are put into `fields`. Raises UserError that names what is missing.
    """
    root, main = _root_of(file)
    files = _included(main) if main == file else [*_included(main), file]
    parts = {one: _read(one) for one in dict.fromkeys(files)}
    merged: dict[str, Any] = {}
    for part in parts.values():
        merged = _merged(merged, part)
    folders = {
        name: one.parent
        for one, part in parts.items()
        for name, settings in _pipelines(part).items()
        if "libraries" in settings
    }
    choices = list(_pipelines(parts[file]) if main != file else folders)
    chosen = key or (choices[0] if len(choices) == 1 else "")
    if chosen not in choices:
        none = "it has none" + (", for those of Python code are not read" if merged.get("python") else "")
        raise UserError(
            f"{file}: name one of its pipelines, as {file.name}#KEY: {', '.join(choices) or none}"
        )
    tree = _with_target(merged, root)
    settings = _pipelines(tree)[chosen]
    read = {name: _resolved(value, tree) if name in fields else value for name, value in settings.items()}
    return read, folders.get(chosen, file.parent), root


def settings_text(_: str, value: Any) -> str:
    """A configuration value of a bundle, which may be written as a number or as true."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _root_of(file: Path) -> tuple[Path, Path]:
    for folder in file.parents:
        for name in _ROOT_FILES:
            if (folder / name).is_file():
                return folder, folder / name
    return file.parent, file


def _included(main: Path) -> list[Path]:
    patterns = _read(main).get("include") or []
    return [main, *sorted(file for pattern in patterns for file in main.parent.glob(pattern) if file != main)]


def _read(file: Path) -> dict[str, Any]:
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return data if isinstance(data, dict) else {}


def _pipelines(data: Mapping[str, Any]) -> dict[str, Any]:
    return (data.get("resources") or {}).get("pipelines") or {}


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return base if over is None else over
    return {key: _merged(base.get(key), over[key]) if key in over else base[key] for key in [*base, *over]}


def _with_target(data: dict[str, Any], root: Path) -> dict[str, Any]:
    """The tree that references look into, with the target's overrides and what a deployment would know."""
    name = _target_of(data.get("targets") or {})
    target = (data.get("targets") or {}).get(name) or {}
    user = re.sub(r"\W", "_", getpass.getuser())
    known = {
        "bundle": {"name": root.name, "target": name, "environment": name},
        "workspace": {
            "file_path": str(_synced(root, data)),
            "root_path": f"{root}/{_DEPLOYED}",
            "current_user": {"id": user, "userName": user, "short_name": user},
        },
    }
    given = {key: target.get(key) for key in ("variables", "resources")}
    tree = _merged(_merged(known, data), given)
    tree["workspace"] = known["workspace"]
    overrides = _overrides(root / ".databricks" / "bundle" / name / "variable-overrides.json")
    tree["var"] = {
        key: os.environ.get(f"{_VARIABLE}{key}", overrides.get(key, _default_of(value)))
        for key, value in (tree.get("variables") or {}).items()
    }
    return tree


def _default_of(variable: Any) -> Any:
    return variable.get("default") if isinstance(variable, Mapping) else variable


def _overrides(file: Path) -> Mapping[str, Any]:
    found = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if not isinstance(found, Mapping):
        raise UserError(f"{file}: it is no object of variables and their values")
    return found


def _target_of(targets: Mapping[str, Any]) -> str:
    asked = os.environ.get(_TARGET)
    if asked:
        if asked not in targets:
            raise UserError(f"${_TARGET}: the bundle has no target {asked}; it has: {', '.join(targets)}")
        return asked
    default = [name for name, target in targets.items() if (target or {}).get("default")]
    return (default or list(targets) or ["default"])[0]


def _resolved(value: Any, tree: Mapping[str, Any], depth: int = 0) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolved(one, tree, depth) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, tree, depth) for one in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    found = _looked_up(whole[1], tree, depth) if whole else None
    if whole and not isinstance(found, str):
        return found
    text = found or _REFERENCE.sub(lambda one: str(_looked_up(one[1], tree, depth)), value)
    if depth:
        return text
    # A bundle's files stand below /Workspace there, and where they are here.
    here, there = tree["workspace"]["file_path"], tree["workspace"]["root_path"]
    return text.replace(f"{there}/files", here).replace(there, here).replace(f"/Workspace{here}", here)


def _synced(root: Path, data: Mapping[str, Any]) -> Path:
    """The folder that a deployment uploads: the bundle's, or the one above it and all that `sync` names."""
    paths = (data.get("sync") or {}).get("paths") or []
    return Path(os.path.commonpath([root, *((root / path).resolve() for path in paths)]))


def _looked_up(reference: str, tree: Mapping[str, Any], depth: int) -> Any:
    value: Any = tree
    for part in reference.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or depth > 10:
        name = reference.removeprefix("var.")
        hint = f": set ${_VARIABLE}{name}, or give the variable a default" if name != reference else ""
        variable = (tree.get("variables") or {}).get(name)
        if isinstance(variable, Mapping) and variable.get("lookup"):
            hint = f", where no workspace is asked for it: set ${_VARIABLE}{name}"
        raise UserError(f"${{{reference}}} has no value on one machine{hint}")
    return _resolved(value, tree, depth + 1)
