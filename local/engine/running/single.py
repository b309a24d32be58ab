"""One dataset at a time: a pipeline's files are loaded once, each write has a home of its own."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from common.errors import UserError
from common.home import Home
from local.engine.evaluating.evaluating import evaluate, placed_errors
from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.session import PipelineSession
from local.engine.evaluating.work import Work, local_path, scratch_folder
from local.engine.language.definitions import Definitions
from local.engine.language.loading.active_session import active
from local.engine.language.loading.loading import load_pipeline, running
from local.engine.language.model import Dataset, Kind
from local.engine.language.spec import PipelineSpec
from local.engine.running.opening import opened_session
from local.engine.running.run import write_dataset
from local.engine.sessions.engines import EngineName
from local.engine.storage.delta import arrow_table, open_table, schema_of
from local.engine.storage.log import table_path
from local.engine.storage.progress import Progress


class Single:
    """A loaded pipeline, whose datasets are computed one by one over tables that stand in a home."""

    def __init__(
        self,
        spec: PipelineSpec,
        definitions: Definitions,
        session: PipelineSession,
        observer: PlanObserver,
        engine: EngineName,
    ) -> None:
        self.definitions = definitions
        self._spec, self._session, self._observer = spec, session, observer
        self._engine: EngineName = engine

    def active(self) -> AbstractContextManager[None]:
        """Its session is this thread's, as in an update: it is asked for types that are not plain."""
        return active(self._session)

    def rows(self, name: str, home: Home) -> tuple[StructType, pa.Table]:
        """Updates the dataset over the tables and files of `home`; its columns and rows then.

        What an update does to it is done: drop rules filter, fail rules raise, AUTO CDC is applied. Raises UserError as
        an update does, and NeedsSpark for what Sail lacks. A view's rows are those that its readers get.
        """
        dataset = self.definitions.datasets[name]
        if dataset.kind == Kind.SINK:
            raise UserError(
                f"{dataset.place.shown(self._spec.root)}: {name} is a sink, which has no rows of its own"
            )
        with scratch_folder(home) as scratch, running(self.definitions, self._session):
            work = Work(
                home, self._spec.name, self.definitions, self._session, self._observer, scratch, self._engine
            )
            if dataset.kind == Kind.TEMPORARY_VIEW:
                return self._of_view(work, dataset)
            write_dataset(work, dataset, full=False)
        table = open_table(table_path(home.warehouse, name))
        if table is None:
            return StructType([]), pa.table({})
        return schema_of(table), arrow_table(table)

    def _of_view(self, work: Work, dataset: Dataset) -> tuple[StructType, pa.Table]:
        def query() -> DataFrame:
            return self._session.readStream.table(dataset.name)

        given = evaluate(work, dataset.name, query, dataset.place, Progress())
        with placed_errors(work, dataset.name, dataset.place):
            return given.schema, given.rows.toArrow()


@contextmanager
def loaded_pipeline(spec: PipelineSpec, engine: EngineName, home: Home) -> Iterator[Single]:
    """The pipeline's files, loaded on an engine; what they read while they are loaded is read below `home`."""
    with opened_session(engine) as (session, observer):
        observer.current = spec.current

        def reading(definitions: Definitions) -> AbstractContextManager[None]:
            work = Work(home, spec.name, definitions, session, observer, home.state, engine)
            return session.reading(Reading(work, "a file", Progress()))

        definitions = load_pipeline(spec, session, lambda path: local_path(home, spec.root, path), reading)
        yield Single(spec, definitions, session, observer, engine)
