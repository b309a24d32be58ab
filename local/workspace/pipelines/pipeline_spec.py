"""The settings of a pipeline that the local workspace acts on."""

import re
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Path(BaseModel):
    path: str


class _Glob(BaseModel):
    include: str


class Library(BaseModel):
    """One entry of a pipeline's sources: one of the three."""

    model_config = ConfigDict(extra="allow")
    file: _Path | None = None
    glob: _Glob | None = None
    notebook: _Path | None = None


class _Runner(BaseModel):
    user_name: str | None = None
    service_principal_name: str | None = None


class Spec(BaseModel):
    """The settings that the local workspace reads; all others are kept and given back."""

    model_config = ConfigDict(extra="allow")
    name: str
    catalog: str | None = None
    schema_: str | None = None
    target: str | None = None
    root_path: str | None = None
    libraries: list[Library] = []
    configuration: dict[str, str] = {}
    run_as: _Runner | None = None
    continuous: bool = False
    development: bool = False

    @property
    def library_paths(self) -> list[str]:
        """The workspace paths and globs of the pipeline's files."""
        chosen = [library.file or library.notebook for library in self.libraries]
        return [path.path for path in chosen if path] + [
            lib.glob.include for lib in self.libraries if lib.glob
        ]

    @property
    def storage_key(self) -> str:
        """What the engine knows the pipeline by: the folder of the files, as `lakehouse run` does.

        So the uploaded medallion goes on where `lakehouse run medallion` stopped, over the same tables.
        """
        folders = [PurePosixPath(path.removesuffix("/**")).stem for path in self.library_paths]
        return re.sub(r"\W+", "_", folders[0]) if folders else "pipeline"


def parse(settings: dict[str, Any]) -> Spec:
    """The settings, checked; `schema` is read as `schema_`."""
    return Spec.model_validate(
        {"schema_" if key == "schema" else key: value for key, value in settings.items()}
    )
