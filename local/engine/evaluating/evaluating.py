"""Calls a flow's query, with what it is to read."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from common.errors import UserError
from local.engine.evaluating.origins import seen_schema
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.seen_plan import AGGREGATE, SeenPlans
from local.engine.evaluating.work import Work
from local.engine.language.lines import Lines
from local.engine.language.model import Place, Query
from local.engine.language.places import place_of
from local.engine.language.schemas import nullable
from local.engine.sessions.errors import NeedsSpark, column_of, engine_error, written_as
from local.engine.storage.progress import Progress


@dataclass(frozen=True)
class Evaluated:
    """A query's rows, its columns, what it read, its plans, and whether it remembers rows of earlier updates.

    One that `aggregates` a stream gives its whole result, from all rows that the stream gave.
    """

    rows: DataFrame
    schema: StructType
    reading: Reading
    plans: SeenPlans
    has_state: bool = False
    aggregates: bool = False


def evaluate(work: Work, target: str, query: Query, place: Place, before: Progress) -> Evaluated:
    """Calls the query for what is new since `before`. UserError with file and line of the pipeline's own code."""
    with placed_errors(work, target, place):
        found = _as_the_last(work, query, Reading(work, target, before, with_metadata=True))
        return found or _probed(work, query, target, before)


@contextmanager
def placed_errors(work: Work, target: str, place: Place) -> Iterator[None]:
    """Every error of the pipeline's code becomes a UserError that begins with `file:line`."""
    try:
        yield
    except NeedsSpark as need:
        raise NeedsSpark(f"{_where(need, work, place)}: {target}: {need.function}", need.why) from None
    except UserError as error:
        raise UserError(f"{_where(error, work, place)}: {error}") from None
    except PySparkException as error:
        raise engine_error(error, f"{_where(error, work, place)}: {target}") from None
    except Exception as error:
        raise UserError(f"{_where(error, work, place)}: {target}: {type(error).__name__}: {error}") from None


def _where(error: BaseException, work: Work, place: Place) -> str:
    """`file:line` of the pipeline's own code that the error came from, else of the flow's definition."""
    root = work.definitions.root
    line = place_of(error, root, place)
    if column := column_of(error):
        # Sail finds it missing when the plan is analysed, by when the code that names it has returned.
        lines, names = Lines(root), written_as(column)
        line = lines.at(line, *names) or lines.alone(line, *names) or line
    return line.shown(root)


def _as_the_last(work: Work, query: Query, reading: Reading) -> Evaluated | None:
    """The query's result with the hidden column `_metadata`, which the query before named; None without need of it."""
    if not work.names_metadata:
        return None
    with suppress(Exception):
        found = _evaluated(work, query, reading)
        return found if not reading.read_files or _names_metadata(reading) else None
    return None


def _probed(work: Work, query: Query, target: str, before: Progress) -> Evaluated:
    """The query's result; one that reads files is first called without a row of theirs, to see its plan."""
    probe = Reading(work, target, before, without_files=True)
    try:
        found = _evaluated(work, query, probe)
    except Exception:
        if not probe.read_files:
            raise
    else:
        if not probe.read_files:
            return found
    # `_metadata` is a hidden column: only a query that may ask for it gets it, and no `*` finds it.
    work.names_metadata = named = _names_metadata(probe)
    # Not what the work says of it: by now that may be of a query beside this one.
    return _evaluated(work, query, Reading(work, target, before, with_metadata=named))


def _names_metadata(reading: Reading) -> bool:
    return reading.metadata != "unnamed" or reading.plans.may_name_metadata()


def _evaluated(work: Work, query: Query, reading: Reading) -> Evaluated:
    with work.observer.watching() as reading.plans, work.session.reading(reading):
        rows = query()
        check_rows(rows)
        try:
            schema = seen_schema(rows, reading.plans)
        except PySparkException:
            _check_state(work, reading)
            raise
    state = _check_state(work, reading)
    if not reading.streams:
        # The rows of a stream are read once, those of a view again.
        reading.inputs.unknown |= reading.plans.changing_functions() | reading.clocks
    rows, schema = reading.without_hidden(rows, schema)
    aggregates = state == AGGREGATE
    return Evaluated(
        rows, nullable(schema), reading, reading.plans, bool(state) and not aggregates, aggregates
    )


def check_rows(rows: object) -> None:
    """Raises UserError for what a query's function gives when it is no DataFrame."""
    if not isinstance(rows, DataFrame):
        kind = "nothing" if rows is None else type(rows).__name__
        raise UserError(f"the function gives {kind}: return a DataFrame")


def _check_state(work: Work, reading: Reading) -> str | None:
    """What of the query remembers rows of earlier updates; NeedsSpark for it on Sail."""
    state = (reading.plans.stateful() or reading.sql_state) if reading.streams else None
    if state and state != AGGREGATE and work.engine == "sail":
        raise NeedsSpark(state, "it remembers rows of earlier updates, which Sail does not")
    return state
