"""What a pipeline is: its files, catalog, schema and configuration."""

import glob
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from common.errors import UserError
from local.engine.language.bundle import pipeline_of, settings_text
from local.engine.language.sql.supplied import current_names

SUFFIXES = (".py", ".sql", ".ipynb")
_READ = ("name", "catalog", "database", "schema", "target", "configuration", "libraries", "root_path")
# What Spark's own runner and Databricks' pipelines take besides; it says where and when a pipeline runs, not what.
_LEFT_ASIDE = (
    *("storage", "id", "pipeline_type", "allow_duplicate_names", "budget_policy_id", "channel", "clusters"),
    *(
        "continuous",
        "deployment",
        "development",
        "edition",
        "environment",
        "event_log",
        "filters",
        "lifecycle",
    ),
    *("notifications", "permissions", "photon", "restart_window", "run_as", "serverless", "tags", "trigger"),
    *("usage_policy_id", "dry_run", "parameters"),
)


@dataclass(frozen=True)
class PipelineSpec:
    """One pipeline.

    `libraries` are files, folders or globs as Databricks takes them, absolute or relative to `root`; `schema` is where
    a table without one in its name goes, `configuration` what the pipeline reads with spark.conf.get.
    `import_folders` are looked through by `import` before `root` (see folders).
    """

    name: str
    root: Path
    libraries: list[str]
    catalog: str = "spark_catalog"
    schema: str = "default"
    configuration: dict[str, str] = field(default_factory=dict)
    import_folders: tuple[Path, ...] = ()

    @property
    def current(self) -> dict[str, str]:
        """The names of its catalog and schema, by the functions that give them."""
        return current_names(self.catalog, self.schema)

    def files(self) -> list[Path]:
        """The pipeline's files (.py, .sql, .ipynb), absolute and sorted. Raises UserError when there is none."""
        found = {file for library in self.libraries for file in self._matching(library)}
        if not found:
            raise UserError(
                f"pipeline {self.name}: no .py, .sql or .ipynb file below {self.root} fits {self.libraries}"
            )
        return sorted(found)

    def folders(self) -> tuple[Path, ...]:
        """Where `import` looks, in order: `import_folders`, the root, and the folders of the files."""
        return tuple(
            dict.fromkeys([*self.import_folders, self.root, *(file.parent for file in self.files())])
        )

    def _matching(self, library: str) -> list[Path]:
        paths = [self.root / path for path in _globbed(library, self.root)]
        if not paths and not glob.has_magic(library):
            raise UserError(f"pipeline {self.name}: {library} is not there, below {self.root}")
        files = [path.resolve() for path in paths if path.is_file() and path.suffix in SUFFIXES]
        return [file for file in files if "__pycache__" not in file.parts and file.name != "__init__.py"]


def _globbed(library: str, root: Path) -> list[str]:
    pattern = library
    if (root / library).is_dir():
        pattern = f"{library}/**/*"
    elif library.endswith("**"):
        pattern = f"{library}/*"
    elif not glob.has_magic(library) and not (root / library).exists():
        # The workspace names a notebook without the suffix that its file has.
        pattern = f"{library}.*"
    # Path.glob takes neither `..` nor an absolute pattern.
    return glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207


def read_spec(path: Path, root: Path | None = None) -> PipelineSpec:
    """The pipeline of a Spark pipeline spec (`spark-pipeline.yml`), of pipeline settings or of a Databricks bundle.

    Of a bundle it is the file that has `resources: pipelines:` (`databricks.yml` or one that it includes); `FILE#key`
    names one of several. Libraries are relative to `root`, by default the file's folder. Raises UserError that names
    file and field.
    """
    file, _, key = str(path).partition("#")
    if not Path(file).is_file():
        raise UserError(f"{file} is not there: --spec names a Spark pipeline spec")
    try:
        data = _mapping(yaml.safe_load(Path(file).read_text(encoding="utf-8")))
        if {"resources", "bundle", "targets"} & set(data):
            settings, folder, bundle = pipeline_of(Path(file).resolve(), key, _READ)
            return _spec(settings, folder, bundle, settings_text)
        folder = (root or Path(file).parent).resolve()
        return _spec(data, folder, folder, _plain_text)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise UserError(f"{file} is no Spark pipeline spec: {error}") from None


def _mapping(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise TypeError("it is no mapping of fields to values")
    return data


def _spec(data: Mapping[str, Any], folder: Path, root: Path, text: Callable[[str, Any], str]) -> PipelineSpec:
    unknown = [str(name) for name in data if name not in (*_READ, *_LEFT_ASIDE)]
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}; known are {', '.join(_READ)}")
    libraries = [_library(entry) for entry in data.get("libraries") or []]
    source = (folder / _text(data, "root_path", ".")).resolve()
    root = _above(
        root,
        [source, *(_fixed_part(folder, library) for library in libraries if not Path(library).is_absolute())],
    )
    schema = next((name for name in ("schema", "database", "target") if data.get(name)), "schema")
    return PipelineSpec(
        name=_text(data, "name"),
        root=root,
        libraries=[str(folder.relative_to(root) / library) for library in libraries],
        catalog=_text(data, "catalog", "spark_catalog"),
        schema=_text(data, schema, "default"),
        configuration={
            str(key): text(key, value) for key, value in (data.get("configuration") or {}).items()
        },
        import_folders=() if source == root else (source,),
    )


def _fixed_part(folder: Path, library: str) -> Path:
    parts = Path(library).parts
    return folder.joinpath(*takewhile(lambda part: not glob.has_magic(part), parts)).resolve()


def _above(root: Path, paths: list[Path]) -> Path:
    """`root`, or the nearest folder above it below which all the paths lie."""
    return next(one for one in (root, *root.parents) if all(path.is_relative_to(one) for path in paths))


def _text(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or not value:
        raise ValueError(
            f"the field {name} is missing" if value is None else f"{name} is text, not {value!r}"
        )
    return value


def _plain_text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"configuration {key}: write {value!r} as text, in quotes")
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
