"""What a query reads when it is asked again where its rows come from: of a stream, too, all rows that are there."""

from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from local.engine.evaluating.expectations import kept_of
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.language.definitions import Definitions
from local.engine.language.model import Dataset, Kind
from local.engine.lineage.read_aliases import READ
from local.engine.storage.delta import data_files, open_table, read_files, schema_of
from local.engine.storage.log import table_path
from local.engine.tracing.carried_rows import NotTraceable


class ReadsFiles(NotTraceable):
    """A query reads files."""


class BatchReading:
    """Answers the reads of a pipeline's queries by the tables below a warehouse. `schemas` has the columns of each."""

    def __init__(self, definitions: Definitions, session: PipelineSession, warehouse: Path) -> None:
        self.schemas: dict[str, StructType] = {}
        self._definitions, self._session, self._warehouse = definitions, session, warehouse

    def table(self, read: TableRead) -> DataFrame:
        """All rows of a table; of a view those that its drop rules keep."""
        full = self._definitions.resolve(read.name)
        view = self.view_of(full)
        if view:
            return kept_of(self.view(view), view.expectations).alias(full)
        table = open_table(table_path(self._warehouse, full))
        if table is None:
            raise NotTraceable(f"it reads {full}, which is no table of this home")
        schema = schema_of(table)
        self.schemas[full] = schema
        rows = read_files(self._session, schema, data_files(table))
        return rows.alias(f"{READ}{full}").alias(full.rpartition(".")[2])

    def view_of(self, name: str) -> Dataset | None:
        """The pipeline's view of a name; None for the name of a table."""
        found = self._definitions.datasets.get(name)
        return found if found and found.kind == Kind.TEMPORARY_VIEW else None

    def view(self, view: Dataset) -> DataFrame:
        """All rows of a view, also those that break its rules."""
        [flow] = [one for one in self._definitions.flows if one.target == view.name]
        return flow.query()

    def files(self, read: FileRead) -> DataFrame:
        """Rows of files carry nothing: what reads them keeps the file's name, or does not."""
        raise ReadsFiles(f"its rows were read from the files below {read.path}")

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        full = self._definitions.resolve(name)
        return full in self._definitions.datasets or bool(open_table(table_path(self._warehouse, full)))

    def bound(self, query: str) -> str:
        """SQL is no plan that could be rewritten."""
        raise NotTraceable(f"it is written in SQL ({' '.join(query.split())[:40]} ...)")
