"""What is checked of a dataset beside its queries: streams, declared columns, expectations."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql.types import StructField, StructType

from common.errors import NotSupplied, UserError
from local.engine.checking.cdc import CdcChecks
from local.engine.checking.error_meanings import meaning_of
from local.engine.checking.findings import Code, Tell
from local.engine.checking.queries import Queries
from local.engine.checking.shapes import CheckedPipeline, Shape
from local.engine.evaluating.expectations import passes
from local.engine.language.fitting import altered_columns
from local.engine.language.lines import Lines
from local.engine.language.model import Dataset, Expectation, Flow, Kind
from local.engine.language.schemas import struct_of
from local.engine.writing.sinks import sink_fault


class DatasetChecks:
    """Checks the datasets of one pipeline."""

    def __init__(self, pipeline: CheckedPipeline, queries: Queries, lines: Lines, tell: Tell) -> None:
        self._pipeline = pipeline
        self._queries = queries
        self._lines = lines
        self._tell = tell
        self._changes = CdcChecks(pipeline, queries, lines, tell)

    def shape_of(self, dataset: Dataset) -> Shape:
        """Checks a dataset; what is known of it then."""
        definitions = self._pipeline.definitions
        fault = sink_fault(dataset, definitions) if dataset.kind == Kind.SINK else None
        if fault:
            code = Code.NOT_SUPPLIED if isinstance(fault, NotSupplied) else Code.DEFINITION
            self._tell(code, dataset.place, str(fault), dataset.name)
        declared = self._declared(dataset)
        changes = [flow for flow in definitions.cdc_flows if flow.target == dataset.name]
        snapshots = [flow for flow in definitions.snapshot_flows if flow.target == dataset.name]
        if changes or snapshots:
            shape, events = self._changes.shape_of(dataset, declared, changes, snapshots)
            self._check_expectations(dataset, events)
            return shape
        flows = [flow for flow in definitions.flows if flow.target == dataset.name]
        seen = [self._queries.look(dataset.name, flow.query, flow.place) for flow in flows]
        for flow, one in zip(flows, seen, strict=True):
            self._check_stream(dataset, flow, one)
        given = _merged(seen)
        if declared and given:
            self._check_declared(dataset, declared, given)
        schema = declared or given
        for flow, one in zip(flows, seen, strict=True):
            self._check_types(dataset, flow, one, schema)
        self._check_expectations(dataset, schema)
        return Shape(schema, any(one.streams for one in seen))

    def _declared(self, dataset: Dataset) -> StructType | None:
        try:
            return struct_of(dataset.schema) if dataset.schema else None
        except UserError as error:
            self._tell(Code.DEFINITION, dataset.place, f"{dataset.name}: {error}", dataset.name)
            return None

    def _check_stream(self, dataset: Dataset, flow: Flow, seen: Shape) -> None:
        if seen.schema is None:
            return
        if dataset.kind == Kind.MATERIALIZED_VIEW and seen.streams:
            text = f"{dataset.name} is a materialized view and reads a stream: make it a streaming table"
            self._tell(Code.STREAM, dataset.place, text, dataset.name)
        if dataset.kind in (Kind.STREAMING_TABLE, Kind.SINK) and not seen.streams and not flow.once:
            text = (
                f"the flow {flow.name} into the {dataset.kind} {dataset.name} reads no stream: read with "
                "spark.readStream (STREAM in SQL), or make it a flow that runs once"
            )
            self._tell(Code.STREAM, flow.place, text, dataset.name)

    def _check_declared(self, dataset: Dataset, declared: StructType, given: StructType) -> None:
        there = {name.lower() for name in given.names}
        names = {name.lower() for name in declared.names}
        for name in declared.names:
            if name.lower() not in there:
                place = self._lines.at(dataset.place, name) or dataset.place
                text = f"{dataset.name} declares {name}, which its query does not give"
                self._tell(Code.DECLARED_COLUMN, place, text, dataset.name)
        for name in given.names:
            if name.lower() not in names:
                place = self._lines.at(dataset.place, name) or dataset.place
                text = f"the query of {dataset.name} gives {name}, which its schema lacks: declare it, or drop it"
                self._tell(Code.DECLARED_COLUMN, place, text, dataset.name)

    def _check_types(self, dataset: Dataset, flow: Flow, seen: Shape, wanted: StructType | None) -> None:
        altered = altered_columns(seen.schema, wanted) if seen.schema and wanted else {}
        for column, text in altered.items():
            place = self._lines.at(flow.place, column) or flow.place
            self._tell(
                Code.DECLARED_COLUMN, place, f"{dataset.name}: {text}: cast it in the query", dataset.name
            )

    def _check_expectations(self, dataset: Dataset, schema: StructType | None) -> None:
        if not dataset.expectations or schema is None:
            return
        rows = self._pipeline.session.createDataFrame([], schema)
        if self._error_of(rows, dataset.expectations) is None:
            return
        for expectation in dataset.expectations:
            error = self._error_of(rows, [expectation])
            if error:
                told = meaning_of(error, {dataset.name: schema.names})
                texts = [expectation.predicate] if isinstance(expectation.predicate, str) else []
                place = self._lines.at(dataset.place, *texts, expectation.name) or dataset.place
                text = f"expectation '{expectation.name}' of {dataset.name}: {told.text}"
                self._tell(Code.EXPECTATION, place, text, dataset.name)

    def _error_of(self, rows: DataFrame, expectations: Sequence[Expectation]) -> Exception | None:
        try:
            columns = [passes(one).alias(f"_{number}") for number, one in enumerate(expectations)]
            self._pipeline.analysis.of(lambda: rows.select(*columns).schema)
        except Exception as error:
            return error
        return None


def _merged(seen: Sequence[Shape]) -> StructType | None:
    """The columns that all flows together give; None when those of one are not known."""
    if not seen or any(one.schema is None for one in seen):
        return None
    found: dict[str, StructField] = {}
    for one in seen:
        for field in one.schema.fields if one.schema else ():
            found.setdefault(field.name.lower(), field)
    return StructType(list(found.values()))
