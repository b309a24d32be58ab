"""What an update asks of whoever its pipeline runs as, and a job's task of whoever the job runs as."""

import re
from collections.abc import Iterable

from common.errors import UserError
from local.workspace.calls.context import Workspace
from local.workspace.files.paths import workspace_path
from local.workspace.rights import refusals
from local.workspace.rights.levels import Levels, levels_from
from local.workspace.rights.principals import principal
from local.workspace.rights.privileges import Privileges, Securable
from local.workspace.rights.who import Who

_VOLUME = re.compile(r"/Volumes/([^/\s]+)/([^/\s]+)/([^/\s]+)")


def must_read_sources(ws: Workspace, run_as: str, libraries: Iterable[str], settings: Iterable[str]) -> None:
    """Raises UserError unless it may read the pipeline's files, and the volumes that its configuration names."""
    who = Who.of(principal(run_as))
    if who.caller.may_do_anything:
        return
    levels, privileges = Levels(ws, who), Privileges(ws, who)
    for library in libraries:
        path = workspace_path(library.removesuffix("/**"))
        if not levels.has_on(path, "CAN_READ"):
            lacking = refusals.lacks_level(run_as, levels_from("directories", "CAN_READ"), "path", path)
            raise UserError(lacking.message)
    for parts in (found.groups() for text in settings for found in _VOLUME.finditer(text)):
        _must(privileges.lacks("READ_VOLUME", Securable("VOLUME", ".".join(parts))))


def must_make_table(ws: Workspace, run_as: str, catalog: str, table: str) -> None:
    """Raises UserError unless it may create tables in the schema of `schema.table`, which it will own."""
    who = Who.of(principal(run_as))
    schema = table.rpartition(".")[0]
    if schema and not who.caller.may_do_anything:
        full_name = schema if "." in schema else f"{catalog}.{schema}"
        _must(Privileges(ws, who).lacks("CREATE_TABLE", Securable("SCHEMA", full_name)))


def must_start_pipeline(ws: Workspace, run_as: str, pipeline_id: str) -> None:
    """Raises UserError unless it may start the pipeline; the update then runs as the pipeline does."""
    if not Levels(ws, Who.of(principal(run_as))).has("pipelines", pipeline_id, "CAN_RUN"):
        enough = levels_from("pipelines", "CAN_RUN")
        raise UserError(refusals.lacks_level(run_as, enough, "pipeline", pipeline_id).message)


def _must(lacking: tuple[str, Securable] | None) -> None:
    if lacking:
        raise UserError(refusals.lacks_privilege(*lacking).message)
