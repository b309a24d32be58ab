"""Writes one table: its flows' rows, their counts and how far they have read, in one commit."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from dataclasses import field as made
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from common.errors import UserError
from local.engine.evaluating.configuring import configured_session
from local.engine.evaluating.evaluating import Evaluated, evaluate
from local.engine.evaluating.expectation_count import ExpectationCount
from local.engine.evaluating.expectations import Checked, write_checked
from local.engine.evaluating.work import Work
from local.engine.language.fitting import altered_columns
from local.engine.language.model import Dataset, Flow, Kind
from local.engine.language.schemas import struct_of
from local.engine.planning.inputs import Inputs
from local.engine.storage import delta
from local.engine.storage.delta import Commit, Layout
from local.engine.storage.progress import Progress, read_progress, write_progress
from local.engine.writing.aggregates import aggregated_result
from local.engine.writing.stateful import stateful_result
from local.engine.writing.told_lineage import ToldLineage, lineage_of_query


@dataclass
class Written:
    """What an update did to a table: `rows` is None where nothing was written.

    `dropped` are the rows that its own drop rules kept out, `dropped_in_views` those of each view that it read.
    `lineage` is that of each flow, None for one that was not evaluated.
    """

    inputs: Inputs = made(default_factory=Inputs)
    rows: int | None = None
    dropped: int = 0
    dropped_in_views: dict[str, int] = made(default_factory=dict)
    counts: list[ExpectationCount] = made(default_factory=list)
    lineage: dict[str, ToldLineage | None] = made(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One flow's part in a write: the number of its progress, how far it had read, and what it gives now."""

    flow: Flow
    number: int
    before: Progress
    given: Evaluated | None


def write_table(work: Work, dataset: Dataset, *, full: bool) -> Written:
    """Writes what the flows into a table have new; all of it, from the start, when `full`."""
    flows = [flow for flow in work.definitions.flows if flow.target == dataset.name]
    folder = work.folder(dataset.name)
    kept = [read_progress(work.home, folder, flow.name) for flow in flows]
    anew = full or not any(number for number, _ in kept)

    def evaluated(one: tuple[Flow, tuple[int, Progress]]) -> Turn:
        flow, (number, before) = one
        return turn_of(work, dataset, flow, number, Progress() if anew else before)

    turns = work.side_by_side(dataset.name, evaluated, list(zip(flows, kept, strict=True)))
    written = Written()
    for turn in turns:
        if turn.given:
            written.inputs.add(turn.given.reading.inputs)
    if _is_streaming(work, dataset, turns):
        _append(work, dataset, turns, written, anew=anew)
    else:
        _replace(work, dataset, turns, written)
    for turn in turns:
        told = lineage_of_query(work, dataset, turn.flow.name, turn.given) if turn.given else None
        written.lineage[turn.flow.name] = told
    return written


def turn_of(work: Work, dataset: Dataset, flow: Flow, number: int, before: Progress) -> Turn:
    """Evaluates a flow for what is new since `before`, the progress of this number."""
    if flow.once and before.done:
        return Turn(flow, number, before, None)
    with configured_session(work.session, flow.spark_conf):
        given = evaluate(work, dataset.name, flow.query, flow.place, before)
        if given.has_state:
            given = stateful_result(work, flow, number, before, given)
        elif given.aggregates:
            given = aggregated_result(work, flow, number, before, given)
    return Turn(flow, number, before, given)


def _is_streaming(work: Work, dataset: Dataset, turns: Sequence[Turn]) -> bool:
    streams = [bool(turn.given and turn.given.reading.streams) for turn in turns]
    place = dataset.place.shown(work.definitions.root)
    if dataset.kind == Kind.MATERIALIZED_VIEW and any(streams):
        raise UserError(
            f"{place}: {dataset.name} is a materialized view and reads a stream: make it a streaming table"
        )
    if dataset.kind != Kind.STREAMING_TABLE:
        return any(streams)
    for turn in turns:
        check_streams(work, dataset, turn)
    return True


def check_streams(work: Work, dataset: Dataset, turn: Turn) -> None:
    """Raises UserError for a flow that would add the same rows each time."""
    if turn.given and not turn.given.reading.streams and not turn.flow.once:
        raise UserError(
            f"{turn.flow.place.shown(work.definitions.root)}: the flow {turn.flow.name} into the {dataset.kind} "
            f"{dataset.name} reads no stream: read with spark.readStream, or make it a flow that runs once"
        )


def _append(work: Work, dataset: Dataset, turns: Sequence[Turn], written: Written, *, anew: bool) -> None:
    new = [turn for turn in turns if turn.given and (turn.given.reading.has_new or turn.flow.once)]
    folder = work.folder(dataset.name)
    given = [turn.given.schema for turn in turns if turn.given]
    if not new and not anew and not _has_more_columns(dataset, given, folder):
        return
    anew = anew or _is_aggregate(work, dataset, turns)
    schema = table_schema(work, dataset, given, folder, anew=anew)
    with whole_table(folder, schema, layout_of(dataset)) as place:
        checked = _checked(work, dataset, new, schema, place)
        progress = {turn.flow.name: progress_of(turn) for turn in (turns if anew else new)}
        _commit(work, place, schema, checked, progress, turns, written, anew=anew)


def _has_more_columns(dataset: Dataset, given: Sequence[StructType], folder: Path) -> bool:
    """Whether columns are declared, or given by a flow, that the table lacks: who reads it next may ask for them."""
    table = delta.open_table(folder)
    if table is None:
        return False
    wanted = [struct_of(dataset.schema)] if dataset.schema else given
    there = {field.name.lower() for field in delta.schema_of(table).fields}
    return any(field.name.lower() not in there for schema in wanted for field in schema.fields)


def _is_aggregate(work: Work, dataset: Dataset, turns: Sequence[Turn]) -> bool:
    """Whether the rows take the place of those before. Raises UserError where other flows have rows among those."""
    is_one = any(turn.given and turn.given.aggregates for turn in turns)
    if is_one and len(turns) > 1:
        place = dataset.place.shown(work.definitions.root)
        raise UserError(
            f"{place}: a flow into {dataset.name} aggregates a stream, and its result takes the place of all rows: "
            "write it to a table of its own"
        )
    return is_one


def progress_of(turn: Turn) -> Progress:
    """What the flow will have read."""
    after = turn.given.reading.after if turn.given else turn.before
    return turn.before.then(after, done=turn.flow.once)


def _replace(work: Work, dataset: Dataset, turns: Sequence[Turn], written: Written) -> None:
    given = [turn.given for turn in turns if turn.given]
    folder = work.folder(dataset.name)
    schema = table_schema(work, dataset, [one.schema for one in given], folder, anew=True)
    with whole_table(folder, schema, layout_of(dataset)) as place:
        checked = _checked(work, dataset, turns, schema, place)
        _commit(work, place, schema, checked, {}, turns, written, anew=True)


def _checked(
    work: Work, dataset: Dataset, turns: Sequence[Turn], schema: StructType, folder: Path
) -> list[Checked]:
    def written(one: tuple[Flow, Evaluated]) -> Checked:
        flow, given = one
        with configured_session(work.session, flow.spark_conf):
            rows = with_table_schema(given, schema)
            checked = write_checked(work.session, rows, schema, folder, dataset, work.definitions.root)
        return replace(checked, counts=[*given.reading.counts, *checked.counts])

    return work.side_by_side(dataset.name, written, [(turn.flow, turn.given) for turn in turns if turn.given])


def _commit(
    work: Work,
    folder: Path,
    schema: StructType,
    checked: Sequence[Checked],
    progress: dict[str, Progress],
    turns: Sequence[Turn],
    written: Written,
    *,
    anew: bool,
) -> None:
    numbers = {turn.flow.name: turn.number + 1 for turn in turns if turn.flow.name in progress}
    for name, number in numbers.items():
        write_progress(work.home, folder, name, number, progress[name])
    written.counts = [count for each in checked for count in each.counts]
    written.rows = sum(each.rows for each in checked)
    written.dropped = sum(each.dropped for each in checked)
    for turn in turns:
        written.dropped_in_views |= turn.given.reading.dropped if turn.given else {}
    commit = Commit(numbers, {"expectations": [asdict(count) for count in written.counts]})
    files = [file for each in checked for file in each.files]
    (delta.overwrite if anew else delta.append)(folder, files, schema, commit)


def with_table_schema(given: Evaluated, schema: StructType) -> DataFrame:
    """The rows in the table's columns and types; a column that the query lacks is null."""
    theirs = {field.name.lower(): field for field in given.schema.fields}
    columns = []
    for field in schema.fields:
        own = theirs.get(field.name.lower())
        column = F.col(f"`{own.name}`") if own else F.lit(None)
        same = own is not None and own.dataType == field.dataType and own.name == field.name
        columns.append(column if same else column.cast(field.dataType).alias(field.name))
    return given.rows.select(*columns)


def table_schema(
    work: Work, dataset: Dataset, given: Sequence[StructType], folder: Path, *, anew: bool
) -> StructType:
    """The columns that a table is to have: those declared, else those that it has and those that its flows give."""
    found: dict[str, StructField] = {}
    table = None if anew else delta.open_table(folder)
    for schema in [*([delta.schema_of(table)] if table else []), *given]:
        for field in schema.fields:
            found.setdefault(field.name.lower(), field)
    if dataset.schema is None:
        wanted = StructType(list(found.values()))
    else:
        wanted = struct_of(dataset.schema)
        _check_declared(work, dataset, wanted, found)
    _check_types(work, dataset, wanted, given)
    return wanted


def _check_types(work: Work, dataset: Dataset, wanted: StructType, given: Sequence[StructType]) -> None:
    """Raises UserError rather than write a value that the column's type would alter."""
    wrong = next((text for schema in given for text in altered_columns(schema, wanted).values()), None)
    if wrong:
        raise UserError(
            f"{dataset.place.shown(work.definitions.root)}: {dataset.name}: {wrong}: cast it in the query, or change "
            "the table's type (of a streaming table with --full-refresh)"
        )


def _check_declared(
    work: Work, dataset: Dataset, declared: StructType, found: dict[str, StructField]
) -> None:
    place = dataset.place.shown(work.definitions.root)
    names = {field.name.lower() for field in declared.fields}
    lacking = [field.name for field in declared.fields if field.name.lower() not in found]
    more = [field.name for name, field in found.items() if name not in names]
    if lacking:
        raise UserError(
            f"{place}: {dataset.name} declares {', '.join(lacking)}, which its query does not give"
        )
    if more:
        raise UserError(
            f"{place}: the query of {dataset.name} gives {', '.join(more)}, which its schema lacks"
        )


def layout_of(dataset: Dataset) -> Layout:
    """What the pipeline says of a table beside its columns."""
    return Layout(dataset.comment, dataset.properties)


@contextmanager
def whole_table(folder: Path, schema: StructType, layout: Layout) -> Iterator[Path]:
    """As whole_folder, with an empty table in a new folder."""
    with whole_folder(folder) as place:
        if place != folder:
            delta.create_table(place, schema, layout)
        yield place


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """The folder to write to: the table's own or, of a new table, one beside it that takes its place at the end."""
    if DeltaTable.is_deltatable(str(folder)):
        yield folder
        return
    scratch = folder.with_name(f".{folder.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
