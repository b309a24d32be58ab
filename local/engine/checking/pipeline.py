"""Checks one pipeline: its files, then each dataset after those that it reads."""

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.sql.types import StructType

from common.errors import NotSupplied, UserError
from common.home import Home
from local.engine.checking.analysis import Analysis
from local.engine.checking.datasets import DatasetChecks
from local.engine.checking.error_meanings import meaning_of
from local.engine.checking.findings import Code, Finding
from local.engine.checking.looks import Look
from local.engine.checking.queries import Queries
from local.engine.checking.shapes import Shape
from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.samples import sample_schema
from local.engine.evaluating.session import PipelineSession
from local.engine.evaluating.work import local_path
from local.engine.language.definitions import DefinedTwice, Definitions, Unfinished
from local.engine.language.lines import Lines
from local.engine.language.loading.loading import load_pipeline, running
from local.engine.language.model import Place
from local.engine.language.places import NotParsed, PlacedError, is_own
from local.engine.language.schemas import struct_of
from local.engine.language.spec import PipelineSpec
from local.engine.storage.delta import open_table, schema_of
from local.engine.storage.log import table_names, table_path
from local.engine.storage.progress import read_progress


class PipelineCheck:
    """The check of one pipeline. `findings` are complete after `run`; `earlier` are tables that others define.

    `shapes` is what is known of each dataset and of each table that was looked for.
    """

    def __init__(
        self,
        spec: PipelineSpec,
        home: Home,
        session: PipelineSession,
        observer: PlanObserver,
        analysis: Analysis,
        earlier: Mapping[str, Shape],
    ) -> None:
        self.session = session
        self.analysis = analysis
        self.findings: list[Finding] = []
        self.shapes: dict[str, Shape | None] = {}
        self.definitions = Definitions(spec.root, spec.catalog, spec.schema)
        self._spec, self._home, self._observer, self._earlier = spec, home, observer, earlier
        self._lines = Lines(spec.root)
        queries = Queries(self, observer, self._lines, self._tell)
        self._datasets = DatasetChecks(self, queries, self._lines, self._tell)
        self._under_way: list[str] = []
        self._loads: Look | None = None
        self._perhaps: set[str] | None = set()

    def run(self) -> None:
        """Checks the files, then the datasets."""
        definitions = load_pipeline(self._spec, self.session, self.local_path, self._loading, self._keep)
        with running(definitions, self.session):
            for name in definitions.datasets:
                self.shape_of(name)

    def shape_of(self, name: str) -> Shape | None:
        """What is known of a dataset, which is checked before, or of another table; None when there is none."""
        if name not in self.shapes:
            dataset = self.definitions.datasets.get(name)
            self._under_way.append(name)
            self.shapes[name] = self._datasets.shape_of(dataset) if dataset else self._outside(name)
            self._under_way.pop()
        return self.shapes[name]

    def circle(self, name: str) -> str | None:
        """How the dataset that is looked at comes to read `name` in a circle, if it does."""
        if name not in self._under_way:
            return None
        return " reads ".join([*self._under_way[self._under_way.index(name) :], name])

    def declared(self, name: str) -> Shape:
        """What a dataset says of its columns by itself."""
        schema = self.definitions.datasets[name].schema
        return Shape(struct_of(schema) if schema else None)

    def table_names(self) -> list[str]:
        """The names of all tables and views that could be read."""
        return sorted({*self.definitions.datasets, *self._earlier, *table_names(self._home.warehouse)})

    def local_path(self, path: str) -> str:
        """Where /Volumes/<catalog>/... stands on this machine."""
        return local_path(self._home, self._spec.root, path)

    def inferred(self, dataset: str, source: str) -> StructType | None:
        """The columns that an update inferred from files before; a view and a sink have no table that keeps them."""
        if "." not in dataset:
            return None
        folder = table_path(self._home.warehouse, dataset)
        flows = [flow.name for flow in self.definitions.flows if flow.target == dataset]
        known = [read_progress(self._home, folder, flow)[1].schemas for flow in flows]
        text = next((schemas[source] for schemas in known if source in schemas), None)
        return StructType.fromJson(json.loads(text)) if text else None

    def _outside(self, name: str) -> Shape | None:
        if name in self._earlier:
            return self._earlier[name]
        table = open_table(table_path(self._home.warehouse, name)) if "." in name else None
        schema = schema_of(table) if table else sample_schema(self.session, name)
        if schema:
            return Shape(schema)
        return Shape() if self._may_be_defined(name) else None

    def _may_be_defined(self, name: str) -> bool:
        """Whether a table or a flow into it may be defined where the files could not be read."""
        return self._perhaps is None or name.rpartition(".")[2] in self._perhaps

    @contextmanager
    def _loading(self, definitions: Definitions) -> Iterator[None]:
        self.definitions = definitions
        self._loads = Look(self, "", inspect.currentframe())
        with self._observer.watching() as self._loads.plans, self.session.reading(self._loads):
            yield
        for problem in self._loads.problems:
            self._tell(problem.code, problem.line or Place(self._spec.files()[0], 1), problem.text)
        if self._loads.plans.ran or self._loads.unknown:
            # What the rows would have been decides which datasets there are.
            self._perhaps = None
        self.shapes.clear()

    def _keep(self, error: PlacedError) -> None:
        if isinstance(error.cause, Unfinished):
            if self._may_be_defined(error.cause.name):
                return
        elif self._perhaps is not None:
            self._perhaps |= self._lines.words_at(error.place, to_the_end=error.stops)
        code, text = self._meaning(error)
        self._tell(code, error.place, text)

    def _meaning(self, error: PlacedError) -> tuple[Code, str]:
        cause = error.cause
        if isinstance(cause, PySparkException) and self._loads:
            if self._loads.unknown:
                return Code.NOT_CHECKED, f"what follows is not checked: {self._loads.unknown[0]}"
            told = meaning_of(cause, self._loads.sources)
            return (Code.FILE, str(error)) if told.code == Code.QUERY else (told.code, told.text)
        if isinstance(cause, OSError) and not is_own(str(cause.filename), self._spec.root):
            return Code.NOT_CHECKED, f"what follows is not checked: {error}"
        if isinstance(cause, NotSupplied):
            return Code.NOT_SUPPLIED, str(error)
        if isinstance(cause, DefinedTwice):
            return Code.DUPLICATE_NAME, str(error)
        is_user_error = isinstance(cause, UserError) and not isinstance(cause, NotParsed)
        return Code.DEFINITION if is_user_error else Code.FILE, str(error)

    def _tell(self, code: Code, place: Place, text: str, dataset: str = "") -> None:
        finding = Finding(code, place, text, self._spec.name, dataset)
        if finding not in self.findings:
            self.findings.append(finding)
