"""The columns that a reader's rows have: given or inferred, and how they change with new files."""

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql.types import DataType, NullType, StringType, StructField, StructType

from common.errors import UserError
from local.engine.sources.files import FileState, partition_values
from local.engine.sources.formats import Format
from local.engine.sources.hints import hinted_columns
from local.engine.sources.inference import folder_type, merged_type, settled_type
from local.engine.sources.options import Options

RESCUED = "_rescued_data"
MODES = ("addnewcolumns", "rescue", "failonnewcolumns", "none")


class Schemas:
    """The schema of one reader: `given` by the pipeline, `fixed` by the format, or inferred below the folder `base`."""

    def __init__(
        self, options: Options, fixed: StructType | None, given: StructType | None, base: Path
    ) -> None:
        self._options, self._base = options, base
        self._given = given or fixed
        self._mode = options.own("schemaevolutionmode", "none" if given else "addNewColumns").lower()
        if self._mode not in MODES:
            raise UserError(
                f"cloudFiles.schemaEvolutionMode = {self._mode}: choose addNewColumns, rescue, failOnNewColumns or none"
            )
        if given and self._mode == "addnewcolumns":
            raise UserError(
                "cloudFiles.schemaEvolutionMode = addNewColumns takes no schema: give it as cloudFiles.schemaHints"
            )

    @property
    def rescued(self) -> str | None:
        """The name of the rescued data column, None where there is none."""
        if self._options.rescued:
            return self._options.rescued
        inferred = self._given is None and self._mode != "none"
        return RESCUED if self._options.is_auto_loader and (inferred or self._mode == "rescue") else None

    def partitions(self, files: Sequence[FileState]) -> list[str]:
        """The names of the columns whose values stand in the files' folders."""
        asked = self._options.own("partitioncolumns", "*")
        found = dict.fromkeys(name for file in files for name in partition_values(file.path, self._base))
        chosen = [name.strip() for name in asked.split(",") if name.strip()]
        return [name for name in found if asked == "*" or name in chosen]

    def of(self, files: Sequence[FileState], remembered: StructType | None, format: Format) -> StructType:
        """The columns for these files' rows; `remembered` is what this gave before.

        Raises UserError when there is nothing to infer from, and for new columns that are to fail.
        """
        fields = self._fixed(files, format) if self._given else self._evolved(files, remembered, format)
        rescued = [StructField(self.rescued, StringType())] if self.rescued else []
        return StructType([*fields, *rescued])

    def _fixed(self, files: Sequence[FileState], format: Format) -> list[StructField]:
        fields = [field for field in (self._given or StructType([])).fields if field.name != self.rescued]
        if self._mode == "failonnewcolumns" and format.fixed is None:
            _refuse_new(files, fields, format)
        if (
            self._options.is_auto_loader
            and format.fixed is None
            and not self._options.own("partitioncolumns")
        ):
            return fields
        return [*fields, *self._folders(files, {field.name for field in fields})]

    def _evolved(
        self, files: Sequence[FileState], remembered: StructType | None, format: Format
    ) -> list[StructField]:
        known = [field for field in (remembered or StructType([])).fields if field.name != self.rescued]
        if not known and not files:
            raise UserError(
                f"{self._base}: there is no file to infer the columns from; deliver one, or give a schema"
            )
        if known and self._mode == "failonnewcolumns":
            _refuse_new(files, known, format)
        fields = known
        if not known or self._mode == "addnewcolumns":
            names = {field.name.lower() for field in known}
            inferred = [
                field for field in self._inferred(files, known, format) if field.name.lower() not in names
            ]
            fields = [*known, *inferred, *self._folders(files, names | {field.name for field in inferred})]
        return hinted_columns(fields, self._options.own("schemahints"))

    def _inferred(
        self, files: Sequence[FileState], known: list[StructField], format: Format
    ) -> list[StructField]:
        """The columns of the files; types are looked at only where a column is new."""
        names = {field.name for field in known}
        kinds: dict[str, DataType] = {}
        folders = set(self.partitions(files))
        for file in files:
            found = format.columns(file, infer_types=self._options.infers_types and not known)
            if self._options.infers_types and known and not names >= found.keys():
                found = format.columns(file, infer_types=True)
            for name, kind in found.items():
                kinds[name] = merged_type(kinds.get(name, NullType()), kind)
        fields: dict[str, StructField] = {}
        for name, kind in kinds.items():
            known_kind = settled_type(kind)
            if known_kind and name not in folders:
                # Names that differ by letter case only are one column; the other's values are rescued.
                fields.setdefault(name.lower(), StructField(name, known_kind))
        return (
            sorted(fields.values(), key=lambda field: field.name) if format.sorts else list(fields.values())
        )

    def _folders(self, files: Sequence[FileState], names: set[str]) -> list[StructField]:
        infer_types = self._options.infers_types or not self._options.is_auto_loader
        values = [partition_values(file.path, self._base) for file in files]
        return [
            StructField(name, folder_type(one.get(name) for one in values) if infer_types else StringType())
            for name in self.partitions(files)
            if name not in names
        ]


def _refuse_new(files: Sequence[FileState], known: list[StructField], format: Format) -> None:
    names = {field.name for field in known}
    for file in files:
        new = sorted(format.columns(file, infer_types=False).keys() - names)
        if new:
            raise UserError(
                f"{file.path} has new columns: {', '.join(new)}. The mode failOnNewColumns of "
                "cloudFiles.schemaEvolutionMode asks for that: add them to the schema, or remove the file"
            )
