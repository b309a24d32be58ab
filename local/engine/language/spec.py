"""What a pipeline is: its files, catalog, schema and configuration."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from common.errors import UserError

_SUFFIXES = (".py", ".sql", ".ipynb")
_FIELDS = ("name", "catalog", "database", "schema", "configuration", "libraries", "storage")


@dataclass(frozen=True)
class PipelineSpec:
    """One pipeline.

    `libraries` are files or globs as Databricks takes them, relative to `root`; `schema` is where a table without one
    in its name goes, `configuration` what the pipeline reads with spark.conf.get.
    """

    name: str
    root: Path
    libraries: list[str]
    catalog: str = "spark_catalog"
    schema: str = "default"
    configuration: dict[str, str] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """The pipeline's files (.py, .sql, .ipynb), absolute and sorted. Raises UserError when there is none."""
        found = {file for library in self.libraries for file in self._matching(library)}
        if not found:
            raise UserError(
                f"pipeline {self.name}: no .py, .sql or .ipynb file below {self.root} fits {self.libraries}"
            )
        return sorted(found)

    def _matching(self, library: str) -> list[Path]:
        # A folder and `/**` means all that lies below; so does a folder alone.
        pattern = f"{library}/*" if library.endswith("**") else library
        if (self.root / library).is_dir():
            pattern = f"{library.rstrip('/')}/**/*"
        # Path.glob takes neither `..` nor an absolute pattern.
        paths = (self.root / path for path in glob.glob(pattern, root_dir=self.root, recursive=True))  # noqa: PTH207
        files = (path.resolve() for path in paths if path.is_file() and path.suffix in _SUFFIXES)
        return [file for file in files if "__pycache__" not in file.parts and file.name != "__init__.py"]


def read_spec(path: Path, root: Path | None = None) -> PipelineSpec:
    """A Spark pipeline spec (`spark-pipeline.yml`); its globs are relative to `root`, by default the file's folder.

    `storage` is left aside: what was read is kept in the lakehouse's home. Raises UserError that names file and field.
    """
    if not path.is_file():
        raise UserError(f"{path} is not there: --spec names a Spark pipeline spec")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _spec(data, (root or path.parent).resolve())
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise UserError(f"{path} is no Spark pipeline spec: {error}") from None


def _spec(data: Any, root: Path) -> PipelineSpec:
    if not isinstance(data, Mapping):
        raise TypeError("it is no mapping of fields to values")
    unknown = [str(name) for name in data if name not in _FIELDS]
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}; a spec has {', '.join(_FIELDS)}")
    configuration = data.get("configuration") or {}
    for key, value in configuration.items():
        if not isinstance(value, str):
            raise TypeError(f"configuration {key}: write {value!r} as text, in quotes")
    return PipelineSpec(
        name=_text(data, "name"),
        root=root,
        libraries=[_library(entry) for entry in data.get("libraries") or []],
        catalog=_text(data, "catalog", "spark_catalog"),
        schema=_text(data, "schema" if "schema" in data else "database", "default"),
        configuration=dict(configuration),
    )


def _text(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or not value:
        raise ValueError(
            f"the field {name} is missing" if value is None else f"{name} is text, not {value!r}"
        )
    return value


def _library(entry: Any) -> str:
    kinds = {"glob": "include", "file": "path", "notebook": "path"}
    if isinstance(entry, Mapping) and len(entry) == 1:
        kind, value = next(iter(entry.items()))
        if kind in kinds and isinstance(value, Mapping) and isinstance(value.get(kinds[kind]), str):
            return value[kinds[kind]]
    raise ValueError(
        f"libraries: {entry!r} is no glob: {{include: ...}}, file: {{path: ...}} or notebook: {{path: ...}}"
    )
