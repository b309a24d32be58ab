"""The statements of a pipeline's SQL, as datasets and flows."""

from dataclasses import replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import CdcFlow, Dataset, Flow, Kind, Place, Query
from local.engine.language.names import parts_of
from local.engine.language.places import Keep, NotParsed, PlacedError, raised
from local.engine.language.sql.auto_cdc import CdcSource
from local.engine.language.sql.create import Creation
from local.engine.language.sql.edits import edited_text
from local.engine.language.sql.queries.references import references
from local.engine.language.sql.statements import (
    CdcStatement,
    Insertion,
    SetStatement,
    Statement,
    Use,
    statements,
)
from local.engine.language.sql.supplied import current_names, with_supplied


def add_sql(
    text: str,
    file: Path,
    first_line: int,
    definitions: Definitions,
    session: SparkSession,
    keep: Keep = raised,
) -> None:
    """Adds what the statements of `text` define, which begins at `first_line` of `file`, to `definitions`.

    A file of SQL and a notebook's cell come here alike. SET holds for the whole pipeline, USE for what follows in
    `text`. `keep` is given each statement that is wrong; by default the first is raised.
    """
    adder = _Adder(definitions, session)
    for statement in statements(text, file, first_line, definitions.configuration, keep):
        try:
            adder.add(statement)
        except PlacedError as error:
            keep(error)
        except UserError as error:
            keep(PlacedError(_place(statement, error) or Place(file, first_line), str(error), error))


def _place(statement: Statement, error: UserError) -> Place | None:
    """Where the statement stands, or the line of its query that does not parse."""
    if isinstance(error, NotParsed) and error.line and isinstance(statement, Creation | Insertion):
        file = statement.dataset.place.file if isinstance(statement, Creation) else statement.place.file
        return Place(file, statement.first_line + error.line - 1)
    if isinstance(statement, Creation):
        return statement.dataset.place
    if isinstance(statement, CdcStatement):
        return statement.flow.place
    return statement.place if isinstance(statement, Insertion) else None


class _Adder:
    """Adds statements one after another, each where the last USE says."""

    def __init__(self, definitions: Definitions, session: SparkSession) -> None:
        self._definitions = definitions
        self._session = session
        self._used = Use()

    def add(self, statement: Statement) -> None:
        """Adds one statement; raises UserError."""
        if isinstance(statement, Creation):
            self._add_dataset(statement)
        elif isinstance(statement, Insertion):
            query = self._query(statement.query)
            target = self._placed(statement.target)
            self._definitions.add_flow(Flow(statement.name, target, query, statement.place, statement.once))
        elif isinstance(statement, CdcStatement):
            self._add_cdc_flow(statement.flow, statement.source)
        elif isinstance(statement, SetStatement):
            self._definitions.configuration[statement.key] = statement.value
            self._session.conf.set(statement.key, statement.value)
        else:
            self._used = replace(statement, catalog=statement.catalog or self._used.catalog)

    def _add_dataset(self, creation: Creation) -> None:
        dataset = creation.dataset
        name = dataset.name if dataset.kind == Kind.TEMPORARY_VIEW else self._placed(dataset.name)
        query = None if creation.query is None else self._query(creation.query, creation)
        self._definitions.add_dataset(replace(dataset, name=name))
        if query is not None:
            self._definitions.add_flow(Flow(name, name, query, dataset.place))
        if creation.cdc_flow:
            self._add_cdc_flow(*creation.cdc_flow)

    def _add_cdc_flow(self, flow: CdcFlow, source: CdcSource) -> None:
        target = self._placed(flow.target)
        name = source.name
        if name is None:
            name = f"__events_of_{'_'.join(parts_of(flow.name))}"
            query = self._query(source.query or "")
            self._definitions.add_dataset(Dataset(name, Kind.TEMPORARY_VIEW, flow.place))
            self._definitions.add_flow(Flow(name, name, query, flow.place))
        self._definitions.add_flow(replace(flow, target=target, source=self._placed(name)))

    def _query(self, text: str, creation: Creation | None = None) -> Query:
        """Calls the query; its text is read now, so that what is wrong with it is said now."""
        references(text)
        used = self._used

        def query() -> DataFrame:
            rows = self._session.sql(self._in_place(text, used))
            return _shaped(rows, creation) if creation else rows

        return query

    def _in_place(self, text: str, used: Use) -> str:
        if used == Use():
            return text
        text = with_supplied(text, self._current(used))
        names = [
            (read.name_at, self._placed(read.name, used), read.name)
            for read in references(text)
            if not read.files
        ]
        return edited_text(text, [(at, at + len(name), placed) for at, placed, name in names])

    def _current(self, used: Use) -> dict[str, str]:
        return current_names(
            used.catalog or self._definitions.catalog, used.schema or self._definitions.schema
        )

    def _placed(self, name: str, used: Use | None = None) -> str:
        """A name of one part with the catalog and schema of USE before it; a view's name as it is."""
        used = used or self._used
        parts = parts_of(name)
        if len(parts) > 1 or used == Use() or parts[0] in self._definitions.datasets:
            return name
        schema = used.schema or self._definitions.schema
        return ".".join([*([used.catalog] if used.catalog else []), schema, f"`{parts[0]}`"])


def _shaped(rows: DataFrame, creation: Creation) -> DataFrame:
    """The rows with the names that the statement gives to the columns."""
    if not creation.renamed:
        return rows
    named, given = len(creation.renamed), len(rows.columns)
    if named != given:
        raise UserError(f"{creation.dataset.name} names {named} columns, and its query gives {given}")
    return rows.toDF(*creation.renamed)
