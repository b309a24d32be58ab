"""Delivers to a sink what the flows into it have new: rows to a Delta table, or batches to the pipeline's function.

How far a flow has read stands in a small Delta table of the sink's own, whose commits follow the deliveries. After a
crash between the two a Delta table is not given the same rows again, since its own log says which delivery was its
last; a function is given the same batch number again, as in Spark.
"""

from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql.types import StringType, StructField, StructType

from common.errors import NotSupplied, UserError
from local.engine.evaluating.configuring import configured_session
from local.engine.evaluating.evaluating import Evaluated, placed_errors
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.work import Work
from local.engine.language.definitions import Definitions
from local.engine.language.model import Dataset, Flow
from local.engine.storage import delta
from local.engine.storage.delta import Commit, Layout
from local.engine.storage.progress import Progress, read_progress, write_progress
from local.engine.writing.table import (
    Turn,
    Written,
    check_streams,
    progress_of,
    table_schema,
    turn_of,
    whole_table,
    with_table_schema,
)

STATE = StructType([StructField("flow", StringType())])


def write_sink(work: Work, dataset: Dataset, *, full: bool) -> Written:
    """Delivers what is new to each flow; all of it again when `full`, and nothing is taken back."""
    if dataset.foreach_batch is None:
        _folder_of(work, dataset)
    with whole_table(work.sink_state(dataset.name), STATE, Layout()):
        # It is there before anything is delivered.
        pass
    written = Written()
    flows = [flow for flow in work.definitions.flows if flow.target == dataset.name]
    deliveries = [_Delivery(work, dataset, flow) for flow in flows]
    # One that reads a table which is not written yet begins again, with all the others: nothing is delivered by then.
    turns = [delivery.turn(full=full) for delivery in deliveries]
    for delivery, turn in zip(deliveries, turns, strict=True):
        delivery.make(turn, written)
    return written


class _Delivery:
    """One flow's part."""

    def __init__(self, work: Work, dataset: Dataset, flow: Flow) -> None:
        self._work = work
        self._dataset = dataset
        self._flow = flow
        self._state = work.sink_state(dataset.name)
        self._name = (dataset.name, flow.name)

    def turn(self, *, full: bool) -> Turn:
        """What the flow is to deliver; all of it when `full`, unless that was done earlier in this update."""
        self._finish_one_that_was_cut_off()
        number, kept = read_progress(self._work.home, self._state, self._flow.name)
        anew = full and self._name not in self._work.delivered
        turn = turn_of(self._work, self._dataset, self._flow, number, Progress() if anew else kept)
        check_streams(self._work, self._dataset, turn)
        if turn.given and turn.given.aggregates:
            place = turn.flow.place.shown(self._work.definitions.root)
            raise UserError(
                f"{place}: an aggregate of a stream is another each time, and a sink is given rows once: write it to a "
                "table"
            )
        return turn

    def make(self, turn: Turn, written: Written) -> None:
        """Delivers what there is to deliver."""
        if turn.given is None:
            return
        number = turn.number
        written.inputs.add(turn.given.reading.inputs)
        if not turn.given.reading.has_new and not turn.flow.once:
            return
        write_progress(self._work.home, self._state, self._flow.name, number + 1, progress_of(turn))
        with configured_session(self._work.session, self._flow.spark_conf):
            written.rows = (written.rows or 0) + self._deliver(turn.given, number, written)
        written.counts += turn.given.reading.counts
        written.dropped_in_views |= turn.given.reading.dropped
        self._keep(number + 1)
        self._work.delivered.add(self._name)

    def _finish_one_that_was_cut_off(self) -> None:
        number, _ = read_progress(self._work.home, self._state, self._flow.name)
        if self._dataset.foreach_batch is None:
            table = delta.open_table(_folder_of(self._work, self._dataset))
            delivered = table.transaction_version(self._delivered_by) or 0 if table else number
            if delivered < number:
                raise UserError(
                    f"{_folder_of(self._work, self._dataset)} lacks what was delivered last by {self._flow.name}: "
                    f"delete it, and run a full refresh of {self._dataset.name}, which delivers everything again"
                )
            if delivered == number + 1:
                self._keep(number + 1)

    @property
    def _delivered_by(self) -> str:
        """What the log of a Delta sink knows the flow by, whichever pipelines write to it."""
        return f"{DeltaTable(self._state).metadata().id}.{self._flow.name}"

    def _keep(self, number: int) -> None:
        delta.append(self._state, [], STATE, Commit({self._flow.name: number}))

    def _deliver(self, given: Evaluated, number: int, written: Written) -> int:
        if self._dataset.foreach_batch is None:
            return self._append(given, number + 1)
        files = delta.stage(given.rows, self._work.scratch)
        batch = delta.read_files(self._work.session, given.schema, [file.path for file in files])
        reading = Reading(self._work, self._dataset.name, Progress())
        with (
            placed_errors(self._work, self._dataset.name, self._dataset.place),
            self._work.session.reading(reading),
        ):
            self._dataset.foreach_batch(batch, number)
        written.inputs.add(reading.inputs)
        return sum(file.rows for file in files)

    def _append(self, given: Evaluated, number: int) -> int:
        folder = _folder_of(self._work, self._dataset)
        schema = table_schema(self._work, self._dataset, [given.schema], folder, anew=False)
        with whole_table(folder, schema, Layout()) as place:
            files = delta.stage(with_table_schema(given, schema), place)
            delta.append(place, files, schema, Commit({self._delivered_by: number}))
        return sum(file.rows for file in files)


def sink_fault(dataset: Dataset, definitions: Definitions) -> UserError | None:
    """What is wrong with a sink, if anything; NotSupplied for a format that is not."""
    options = _options_of(dataset)
    if dataset.foreach_batch is not None:
        return None
    if (dataset.sink_format or "").lower() != "delta":
        return NotSupplied(
            f"the sink {dataset.name} of format {dataset.sink_format} is not supplied on one machine: write "
            "to format delta, or to a foreach_batch_sink"
        )
    if not options.keys() & {"path", "tablename"}:
        return UserError(f"the sink {dataset.name} needs the option tableName or path")
    table = "" if "path" in options else definitions.full_name(options["tablename"])
    if table in definitions.tables():
        return UserError(f"{table} is a table of this pipeline: write to it with an append_flow")
    return None


def _folder_of(work: Work, dataset: Dataset) -> Path:
    """The folder of a Delta sink's table. Raises UserError for a sink with a fault."""
    fault = sink_fault(dataset, work.definitions)
    if fault:
        raise UserError(f"{dataset.place.shown(work.definitions.root)}: {fault}")
    options = _options_of(dataset)
    if "path" in options:
        return Path(work.local_path(options["path"]))
    return work.folder(work.definitions.full_name(options["tablename"]))


def _options_of(dataset: Dataset) -> dict[str, str]:
    return {name.lower(): value for name, value in dataset.sink_options.items()}
