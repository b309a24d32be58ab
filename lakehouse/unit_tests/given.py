"""Puts what a test gives into its home: tables with the types that are known of them, and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import Schema, write_deltalake
from pyspark.sql.types import StructField, StructType

from common.errors import UserError
from common.home import Home
from lakehouse.unit_tests.cells import inferred_type, values_of
from lakehouse.unit_tests.files import GivenRows, Spot, YamlNode
from local.engine.evaluating.work import local_path
from local.engine.language.definitions import Definitions
from local.engine.language.model import Kind
from local.engine.language.schemas import struct_of
from local.engine.language.spec import PipelineSpec
from local.engine.language.sql.named_values import with_values
from local.engine.storage.log import table_path


@dataclass(frozen=True)
class KnownTables:
    """What a project says of its tables beside the pipelines: columns as DDL, and keys, by `schema.table`."""

    schemas: Mapping[str, str]
    keys: Mapping[str, Sequence[str]]


def write_given(
    definitions: Definitions, spec: PipelineSpec, given: GivenRows, known: KnownTables, home: Home
) -> None:
    """Writes what is given below `home`. Raises UserError with file and line for what does not fit its table."""
    if given.path:
        file = Path(local_path(home, spec.root, _with_values(definitions, given.spot, given.path)))
        if not file.is_relative_to(home.path):
            raise given.spot.error(
                f"{given.path} is no path of a volume: write /Volumes/<catalog>/<schema>/..."
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(given.text, encoding="utf-8")
        return
    written = _with_values(definitions, given.spot, given.table)
    name = definitions.resolve(written)
    dataset = definitions.datasets.get(name)
    if dataset and dataset.kind == Kind.TEMPORARY_VIEW:
        raise given.spot.error(f"{name} is a view of the pipeline: give the tables that it reads")
    columns = _given_columns(definitions, name, given, known)
    folder = table_path(home.warehouse, name)
    if folder.exists():
        raise given.spot.error(f"{name} is given twice: put its rows together")
    folder.mkdir(parents=True)
    write_deltalake(folder, _table(given, columns))


def _with_values(definitions: Definitions, spot: Spot, text: str) -> str:
    try:
        return with_values(text, definitions.configuration)
    except UserError as error:
        raise spot.error(str(error)) from None


def _table(given: GivenRows, columns: StructType) -> pa.Table:
    kinds = {field.name: field.dataType for field in columns.fields}
    rows = [values_of(given.spot, row, kinds, given.table) for row in given.rows]
    try:
        return pa.Table.from_pylist(rows, pa.schema(Schema.from_json(columns.json()).to_arrow()))
    except (pa.ArrowInvalid, OverflowError) as error:
        raise given.spot.error(f"{given.table}: {error}") from None


def _given_columns(definitions: Definitions, name: str, given: GivenRows, known: KnownTables) -> StructType:
    """The columns of a given table: those known of it, those of `schema`, else as the values look."""
    own = {column: f"`{column}` {kind}" for column, kind in given.schema.items()}
    try:
        told = struct_of(", ".join(own.values())).fields if own else []
    except UserError as error:
        raise given.spot.error(str(error)) from None
    base = declared_columns(definitions, name, known)
    if base is not None:
        return StructType([*(field for field in base.fields if field.name not in own), *told])
    seen: dict[str, list[YamlNode]] = {}
    for row in given.rows:
        for column, node in row.items():
            if column not in own:
                seen.setdefault(column, []).append(node)
    columns = [*told, *(StructField(column, inferred_type(nodes)) for column, nodes in seen.items())]
    if not columns:
        raise given.spot.error(f"nothing is known of the columns of {name}: name them with `schema`")
    return StructType(columns)


def declared_columns(definitions: Definitions, name: str, known: KnownTables) -> StructType | None:
    """The columns that a pipeline or the project declares of a table; None when neither does."""
    dataset = definitions.datasets.get(name)
    declared = (dataset.schema if dataset else None) or known.schemas.get(name)
    return struct_of(declared) if declared else None
