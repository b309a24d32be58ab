"""What is checked of AUTO CDC: that its source has the columns that it names."""

from collections.abc import Iterator, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructField, StructType, TimestampType

from local.engine.cdc.change_events import END_AT, START_AT
from local.engine.checking.error_meanings import meaning_of, missing_column
from local.engine.checking.findings import Code, Tell
from local.engine.checking.queries import Queries
from local.engine.checking.shapes import CheckedPipeline, Shape
from local.engine.language.lines import Lines
from local.engine.language.model import CdcFlow, Dataset, Place, SnapshotCdcFlow

AnyCdcFlow = CdcFlow | SnapshotCdcFlow
_LISTS = (
    "keys",
    "column_list",
    "except_column_list",
    "ignore_null_updates_column_list",
    "ignore_null_updates_except_column_list",
    "track_history_column_list",
    "track_history_except_column_list",
)
_EXPRESSIONS = ("sequence_by", "apply_as_deletes", "apply_as_truncates")
# What a table may leave out of its history it may leave out altogether: a real workspace takes such flows.
_MAY_LACK = ("track_history_except_column_list",)


class CdcChecks:
    """Checks the targets of AUTO CDC of one pipeline."""

    def __init__(self, pipeline: CheckedPipeline, queries: Queries, lines: Lines, tell: Tell) -> None:
        self._pipeline = pipeline
        self._queries = queries
        self._lines = lines
        self._tell = tell

    def shape_of(
        self,
        dataset: Dataset,
        declared: StructType | None,
        changes: Sequence[CdcFlow],
        snapshots: Sequence[SnapshotCdcFlow],
    ) -> tuple[Shape, StructType | None]:
        """Checks a target's flows; what is known of it then, and the columns of the events that come in."""
        shown: list[StructType | None] = []
        events: StructType | None = None
        for flow in (*changes, *snapshots):
            seen = self._source_of(dataset, flow)
            events = events or seen.schema
            shown.append(self._columns(dataset, flow, seen) if seen.schema else None)
        if declared:
            for flow, schema in zip((*changes, *snapshots), shown, strict=True):
                if schema:
                    self._check_declared(dataset, flow, declared, schema)
            return Shape(declared), events
        known = [schema for schema in shown if schema]
        return Shape(known[0] if known and len(known) == len(shown) else None), events

    def _source_of(self, dataset: Dataset, flow: AnyCdcFlow) -> Shape:
        source = flow.source
        if isinstance(source, str):
            streaming = isinstance(flow, CdcFlow)
            return self._queries.look_at_table(dataset.name, source, flow.place, streaming=streaming)

        def first() -> DataFrame:
            given = source(None)
            return given[0] if given else self._pipeline.session.range(0)

        return self._queries.look(dataset.name, first, flow.place)

    def _columns(self, dataset: Dataset, flow: AnyCdcFlow, seen: Shape) -> StructType | None:
        """The columns that the flow gives the target; None when it names one that is not there."""
        schema = seen.schema or StructType([])
        spelled = {field.name.lower(): field for field in schema.fields}
        sources = {flow.source if isinstance(flow.source, str) else "its snapshots": schema.names}
        missing = [
            (parameter, name)
            for parameter in _LISTS
            for name in getattr(flow, parameter, None) or ()
            if name.lower() not in spelled and parameter not in _MAY_LACK
        ]
        for parameter, name in missing:
            text = f"AUTO CDC into {dataset.name}: {parameter}: {missing_column(name, sources)}"
            self._tell(Code.CDC_COLUMN, self._line(flow.place, name), text, dataset.name)
        given = {one: getattr(flow, one, None) for one in _EXPRESSIONS}
        types = self._types_of(dataset, flow, {k: v for k, v in given.items() if v is not None}, schema)
        wrong = missing or None in types.values()
        return None if wrong else _shown(flow, spelled, types.get("sequence_by", TimestampType()))

    def _types_of(
        self, dataset: Dataset, flow: AnyCdcFlow, given: dict[str, str | Column], schema: StructType
    ) -> dict[str, DataType | None]:
        """The types of expressions over the source's rows; None for one that is wrong, which is told."""
        try:
            return (
                dict(zip(given, self._analysed(list(given.values()), schema), strict=True)) if given else {}
            )
        except Exception:
            return {name: self._type_of(dataset, flow, name, one, schema) for name, one in given.items()}

    def _analysed(self, given: Sequence[str | Column], schema: StructType) -> list[DataType]:
        rows = self._pipeline.session.createDataFrame([], schema)
        columns = [F.expr(one) if isinstance(one, str) else one for one in given]
        named = [column.alias(f"_{number}") for number, column in enumerate(columns)]
        found = self._pipeline.analysis.of(lambda: rows.select(*named).schema)
        return [field.dataType for field in found.fields]

    def _type_of(
        self, dataset: Dataset, flow: AnyCdcFlow, parameter: str, given: str | Column, schema: StructType
    ) -> DataType | None:
        try:
            return self._analysed([given], schema)[0]
        except Exception as error:
            told = meaning_of(error, {str(flow.source): schema.names})
            text = f"AUTO CDC into {dataset.name}: {parameter}: {told.text}"
            names = (*told.names, *([given] if isinstance(given, str) else []), parameter)
            self._tell(Code.CDC_COLUMN, self._line(flow.place, *names), text, dataset.name)
            return None

    def _check_declared(
        self, dataset: Dataset, flow: AnyCdcFlow, declared: StructType, given: StructType
    ) -> None:
        names = {name.lower() for name in declared.names}
        for name in given.names:
            if name.lower() not in names:
                text = (
                    f"AUTO CDC into {dataset.name}: its schema lacks {name}: declare it, or name it in "
                    "except_column_list"
                )
                self._tell(Code.DECLARED_COLUMN, flow.place, text, dataset.name)

    def _line(self, place: Place, *names: str) -> Place:
        return self._lines.at(place, *names) or place


def _shown(flow: AnyCdcFlow, spelled: dict[str, StructField], sequence: Any) -> StructType:
    return StructType([*_kept(flow, spelled), *_history(flow, sequence)])


def _kept(flow: AnyCdcFlow, spelled: dict[str, StructField]) -> Iterator[StructField]:
    some = flow.column_list if isinstance(flow, CdcFlow) else None
    left_out = {name.lower() for name in flow.except_column_list} if isinstance(flow, CdcFlow) else set()
    chosen = [name.lower() for name in some] if some is not None else list(spelled)
    yield from (spelled[name] for name in chosen if name not in left_out)


def _history(flow: AnyCdcFlow, sequence: Any) -> list[StructField]:
    """The columns of type 2's own, when the flow is of that type."""
    names = (START_AT, END_AT) if flow.stored_as_scd_type == 2 else ()
    return [StructField(name, sequence) for name in names]
