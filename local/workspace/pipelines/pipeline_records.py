"""A pipeline: the settings that the local workspace acts on, and what the store keeps of it."""

import re
from pathlib import PurePosixPath
from typing import Self

from pydantic import Field

from local.workspace.calls.caller import OWNER, Caller
from local.workspace.calls.context import Workspace
from local.workspace.calls.errors import not_found
from local.workspace.storage.records import Collection, Record, Sent
from local.workspace.unity import permissions


class _Path(Sent):
    path: str


class _Glob(Sent):
    include: str


class PipelineLibrary(Sent):
    """One entry of a pipeline's sources: one of the three."""

    file: _Path | None = None
    glob: _Glob | None = None
    notebook: _Path | None = None


class EventLogTable(Sent):
    """The table that a pipeline's event log is published in; without a schema in the pipeline's own."""

    name: str
    catalog: str | None = None
    schema_: str | None = Field(default=None, alias="schema")


class RunAs(Sent):
    """Who a pipeline, a job or an alert runs as: one of the two."""

    user_name: str | None = None
    service_principal_name: str | None = None

    @classmethod
    def of(cls, who: Caller) -> Self:
        """A principal."""
        return cls.model_validate({who.field: who.name})

    @property
    def principal(self) -> str:
        """Its name."""
        return self.service_principal_name or self.user_name or OWNER.name


class Spec(Sent):
    """A pipeline's settings: those that the local workspace reads; all others are kept and given back."""

    id: str | None = None
    name: str
    catalog: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    target: str | None = None
    root_path: str | None = None
    libraries: tuple[PipelineLibrary, ...] = ()
    configuration: dict[str, str] = Field(default_factory=dict)
    event_log: EventLogTable | None = None
    run_as: RunAs | None = None

    @property
    def event_log_table(self) -> str:
        """`schema.table` of the published event log; empty where it is not published."""
        if self.event_log is None:
            return ""
        schema = self.event_log.schema_ or self.schema_ or self.target or "default"
        return f"{schema}.{self.event_log.name}"

    @property
    def event_log_catalog(self) -> str:
        """The catalog of that table; empty where neither it nor the pipeline names one."""
        return (self.event_log and self.event_log.catalog) or self.catalog or ""

    @property
    def library_paths(self) -> list[str]:
        """The workspace paths and globs of the pipeline's files."""
        chosen = [library.file or library.notebook for library in self.libraries]
        return [path.path for path in chosen if path] + [
            library.glob.include for library in self.libraries if library.glob
        ]

    @property
    def storage_key(self) -> str:
        """What the engine knows the pipeline by: the folder of the files, as `lakehouse run` does.

        So the uploaded medallion goes on where `lakehouse run medallion` stopped, over the same tables.
        """
        folders = [PurePosixPath(path.removesuffix("/**")).stem for path in self.library_paths]
        return re.sub(r"\W+", "_", folders[0]) if folders else "pipeline"


class Pipeline(Record):
    """A pipeline; times in milliseconds. `storage` is what the engine knows it by, from its first update on."""

    pipeline_id: str
    spec: Spec
    creator_user_name: str = OWNER.name
    created_at: int
    last_modified: int
    storage: str | None = None


PIPELINE_RECORDS = Collection("pipelines", Pipeline)


def find(ws: Workspace, pipeline_id: str) -> Pipeline:
    """One pipeline; 404 when there is none."""
    found = PIPELINE_RECORDS.get(ws.store, pipeline_id)
    if found is None:
        raise not_found(f"The specified pipeline {pipeline_id} was not found.")
    return found


def runner_of(ws: Workspace, pipeline: Pipeline) -> RunAs:
    """Who a pipeline runs as: its owner where nobody was chosen."""
    return pipeline.spec.run_as or RunAs.of(permissions.owner_of(ws, "pipelines", pipeline.pipeline_id))


def save(ws: Workspace, pipeline: Pipeline) -> None:
    """Keep a pipeline as it is now."""
    PIPELINE_RECORDS.put(ws.store, pipeline.pipeline_id, pipeline)
