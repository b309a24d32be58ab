"""Calls a query over tables without rows, and tells what is wrong with it."""

import inspect
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pyspark.errors import PySparkException
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql.types import StructType

from common.errors import NotSupplied, UserError
from local.engine.checking.error_meanings import Meaning, likely_sources, meaning_of
from local.engine.checking.findings import Code, Tell
from local.engine.checking.looks import Look
from local.engine.checking.shapes import CheckedPipeline, Shape
from local.engine.evaluating.evaluating import check_rows
from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.seen_plan import HIDDEN
from local.engine.evaluating.session import TableRead
from local.engine.language.lines import Lines
from local.engine.language.model import Place, Query
from local.engine.language.places import place_of
from local.engine.language.schemas import nullable
from local.engine.sessions.errors import NeedsSpark, column_of, need_behind

# Of one query that are told at once.
MOST_COLUMNS = 20


class Queries:
    """Looks at the queries of one pipeline."""

    def __init__(self, pipeline: CheckedPipeline, observer: PlanObserver, lines: Lines, tell: Tell) -> None:
        self._pipeline = pipeline
        self._observer = observer
        self._lines = lines
        self._tell = tell
        self._names_metadata = False

    def look(self, dataset: str, query: Query, place: Place) -> Shape:
        """Calls the query, and tells what is wrong with it and what could not be seen of it."""
        look, found = self._evaluated(dataset, query)
        named = look.metadata != "unnamed" or look.plans.may_name_metadata()
        if look.read_files and named != self._names_metadata:
            # `_metadata` is a hidden column: only a query that may ask for it gets it, and no `*` finds it.
            self._names_metadata = named
            look, found = self._evaluated(dataset, query)
        if isinstance(found, PySparkException):
            with self._pipeline.analysis.as_in_an_update():
                look, found = self._evaluated(dataset, query)
        seen = self._told(dataset, query, place, look, found)
        self._tell_more(dataset, query, place, look, found)
        return seen

    def _tell_more(
        self, dataset: str, query: Query, place: Place, look: Look, found: StructType | Exception
    ) -> None:
        """Tells of further columns that are missing: of sources that are given those which were told of."""
        more: dict[str, tuple[str, ...]] = {}
        for _ in range(MOST_COLUMNS):
            column = column_of(found)
            if not column or look.unknown:
                return
            for source in likely_sources(column, look.sources):
                plain = column.rpartition(".")[2]
                given: dict[str, tuple[str, ...]] = {**more, source: (*(more.get(source) or ()), plain)}
                now, then = self._evaluated(dataset, query, given)
                if column_of(then) != column:
                    break
            else:
                return
            more, look, found = given, now, then
            if isinstance(found, Exception) and column_of(found):
                self._tell_error(dataset, query, place, look, found)

    def look_at_table(self, dataset: str, name: str, place: Place, *, streaming: bool) -> Shape:
        """The same for the rows of one table or view, of which nothing need be asked."""
        look = Look(self._pipeline, dataset, inspect.currentframe())
        found: StructType | Exception
        try:
            rows = look.table(TableRead(name, streaming))
            found = look.schemas.get(self._pipeline.definitions.resolve(name)) or rows.schema
        except (UserError, PySparkException) as error:
            found = error
        return self._told(dataset, None, place, look, found)

    def _evaluated(
        self, dataset: str, query: Query, more: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> tuple[Look, StructType | Exception]:
        with_metadata = self._names_metadata
        look = Look(self._pipeline, dataset, inspect.currentframe(), with_metadata=with_metadata, more=more)
        try:
            with self._observer.watching() as look.plans, self._pipeline.session.reading(look):
                rows = query()
                if not look.plans.ran:
                    # Code that looked at rows may give nothing for want of them.
                    check_rows(rows)
                schema = rows.schema
        except Exception as error:
            return look, error
        if HIDDEN in schema.names and look.read_files:
            selected = look.metadata == "selected" or look.plans.selects_metadata()
            schema = schema if selected else StructType([one for one in schema.fields if one.name != HIDDEN])
        return look, nullable(schema)

    def _told(
        self, dataset: str, query: Query | None, place: Place, look: Look, found: StructType | Exception
    ) -> Shape:
        for problem in look.problems:
            line = self._lines.at(problem.line or place, *problem.names) or problem.line or place
            self._tell(problem.code, line, problem.text, dataset)
        if isinstance(found, StructType) and not look.unknown:
            return Shape(found, look.streams)
        if look.unknown and not isinstance(found, NotSupplied):
            if not look.problems:
                self._tell(Code.NOT_CHECKED, place, f"{dataset} is not checked: {look.unknown[0]}", dataset)
        elif isinstance(found, Exception):
            self._tell_error(dataset, query, place, look, found)
        return Shape(None, look.streams)

    def _tell_error(
        self, dataset: str, query: Query | None, place: Place, look: Look, error: Exception
    ) -> None:
        root = self._pipeline.definitions.root
        line = place_of(error, root, place)
        error = need_behind(error) or error
        if isinstance(error, NeedsSpark):
            text = f"{dataset} is not checked: Apache Spark runs it ({error.function}: {error.why})"
            self._tell(Code.NOT_CHECKED, line, text, dataset)
            return
        told = self._said(error, look)
        if told is None:
            text = f"{dataset} is not checked: its code needs rows ({type(error).__name__}: {error})"
            self._tell(Code.NOT_CHECKED, line, text, dataset)
            return
        if told.names:
            line = self._line_of(query, place, line, told.names)
        self._tell(told.code, line, f"{dataset}: {told.text}", dataset)

    def _said(self, error: Exception, look: Look) -> Meaning | None:
        """What the error says of the code; None for one that may come of there being no rows."""
        is_of_the_engine = isinstance(error, SparkConnectGrpcException)
        if isinstance(error, OSError) or (
            look.plans.ran and not is_of_the_engine and not isinstance(error, UserError)
        ):
            return None
        if isinstance(error, PySparkException):
            return meaning_of(error, look.sources)
        if isinstance(error, UserError):
            code = Code.NOT_SUPPLIED if isinstance(error, NotSupplied) else Code.QUERY
            return Meaning(code, str(error))
        return Meaning(Code.QUERY, f"{type(error).__name__}: {error}")

    def _line_of(self, query: Query | None, place: Place, line: Place, names: tuple[str, ...]) -> Place:
        """Where one of the names stands: in the statement that failed, else in the query and what it calls."""
        found = self._lines.at(line, *names)
        if found:
            return found
        with self._pipeline.session.reading(Look(self._pipeline, "", inspect.currentframe())):
            return (query and self._lines.in_calls(query, *names)) or self._lines.at(place, *names) or line
