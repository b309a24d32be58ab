"""From a pipeline's settings to what the worker is told: which uploaded files, laid out where."""

import re
from pathlib import Path, PurePosixPath

from common.errors import UserError
from local.workspace.calls.context import Workspace
from local.workspace.files.objects import Objects
from local.workspace.files.paths import workspace_path
from local.workspace.pipelines.pipeline_records import Spec
from local.workspace.pipelines.update_records import Update
from local.workspace.processes.worker import UpdateOrder
from local.workspace.processes.worker_process import Uploaded

_PLACE = re.compile(r"(?P<file>[\w./ \-]+\.(?:py|sql))(?=:\d+)")


def order_of_update(ws: Workspace, update: Update, files: Path) -> tuple[UpdateOrder, list[Uploaded]]:
    """What to run, once the pipeline's workspace files stand below `files`, and these files.

    Raises UserError when the settings name no files, or files outside of the root folder.
    """
    spec = update.config
    root = _root(spec)
    if not spec.library_paths:
        raise UserError(f"Pipeline {spec.name} has no libraries: name its files under `libraries`")
    libraries = [_relative(path, root) for path in spec.library_paths]
    schema = spec.schema_ or spec.target or "default"
    order = UpdateOrder(
        home=str(ws.home.path),
        root=str(files / root.lstrip("/")),
        name=update.storage,
        libraries=libraries,
        catalog=spec.catalog or "",
        schema=schema,
        configuration=spec.configuration,
        full_refresh=update.full_refresh,
        validate_only=update.validate_only,
        select=[_table(name, schema) for name in update.refresh_selection],
        full_refresh_select=[_table(name, schema) for name in update.full_refresh_selection],
    )
    return order, sorted(Objects(ws.store).files_below(root))


def _table(name: str, schema: str) -> str:
    """A selected table as the engine names it, `schema.table`; callers may leave out or add the parents."""
    parts = name.replace("`", "").split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 else f"{schema}.{parts[0]}"


def in_workspace_terms(ws: Workspace, text: str, update: Update, files: Path) -> str:
    """An error of the engine, which ran `files`, with each by its workspace path, which is the one that users know."""
    root = _root(update.config).rstrip("/")

    def uploaded(found: re.Match[str]) -> str:
        there = Objects(ws.store).exists(f"{root}/{found['file']}")
        return f"/Workspace{root}/{found['file']}" if there else found["file"]

    return _PLACE.sub(uploaded, text.replace(str(files), "/Workspace"))


def _root(spec: Spec) -> str:
    """The folder that imports start from: the pipeline's root_path, else the whole workspace."""
    return workspace_path(spec.root_path) if spec.root_path else "/"


def _relative(path: str, root: str) -> str:
    """A library's workspace path as the engine wants it: below the root."""
    if not path.startswith("/"):
        return path
    normal = PurePosixPath(workspace_path(path))
    if not normal.is_relative_to(root):
        raise UserError(f"The library {path} is outside of the pipeline's root_path /Workspace{root}")
    return str(normal.relative_to(root))
