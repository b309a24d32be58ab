"""What the parts of one update share: session, definitions, folders, and what is still to be written."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pyspark.sql import DataFrame

from common.errors import NotSupplied, UserError
from common.home import Home
from local.engine.evaluating.configuring import configured_session
from local.engine.evaluating.expectations import kept_of, write_checked
from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.origins import dropping, seen_schema
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.seen_plan import STREAM
from local.engine.evaluating.session import PipelineSession
from local.engine.language.definitions import Definitions
from local.engine.language.loading.active_session import active
from local.engine.language.model import Dataset
from local.engine.language.schemas import nullable
from local.engine.sessions.engines import EngineName
from local.engine.storage.delta import read_files
from local.engine.storage.log import cdc_state_of, state_path, table_path

Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass
class Work:
    """One update. `pending` are the tables still to be written, `failed` those that could not be.

    `at_once` is how many tables, or flows into one, may be written side by side; `split` are the tables of which
    several flows are.
    `names_metadata` says whether the query of files that was called last names the hidden column `_metadata`.
    `delivered` are the sinks, each with a flow, to which this update has delivered: on a second engine, too.
    `known_lineage` is what the updates before it told of each table's flows (see kept_lineage).
    """

    home: Home
    pipeline: str
    definitions: Definitions
    session: PipelineSession
    observer: PlanObserver
    scratch: Path
    engine: EngineName = "sail"
    pending: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    names_metadata: bool = False
    known_lineage: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    at_once: int = 1
    split: set[str] = field(default_factory=set)
    delivered: set[tuple[str, str]] = field(default_factory=set)

    def side_by_side(
        self, table: str, call: Callable[[Given], Result], flows: Sequence[Given]
    ) -> list[Result]:
        """What `call` gives for each of a table's flows, in order. Raises what the first raises that fails."""
        if self.at_once < 2 or len(flows) < 2:
            return [call(flow) for flow in flows]

        def called(flow: Given) -> Result:
            with active(self.session):
                return call(flow)

        self.split.add(table)
        try:
            with ThreadPoolExecutor(self.at_once) as pool:
                return list(pool.map(called, flows))
        finally:
            self.split.remove(table)

    def folder(self, name: str) -> Path:
        """The folder of a table."""
        return table_path(self.home.warehouse, name)

    def cdc_state(self, name: str) -> Path:
        """The folder of the hidden table beside a target of AUTO CDC."""
        return cdc_state_of(self.folder(name))

    def sink_state(self, name: str) -> Path:
        """The folder of the small table that says how far the flows into a sink have read."""
        return state_path(self.home, self.pipeline, name)

    def local_path(self, path: str) -> str:
        """Where /Volumes/<catalog>/... stands on this machine."""
        return local_path(self.home, self.definitions.root, path)

    def view(self, dataset: Dataset, reading: Reading) -> DataFrame:
        """The rows of a view, which reads by the same reading.

        One with expectations is written to scratch files once, where its rows are counted and filtered; one with
        settings of its own, too, since they do not hold for who reads it.
        """
        flows = [flow for flow in self.definitions.flows if flow.target == dataset.name]
        if len(flows) != 1:
            raise UserError(
                f"{dataset.place.shown(self.definitions.root)}: the view {dataset.name} has no query"
            )
        with configured_session(self.session, dataset.spark_conf):
            rows = flows[0].query()
            # Of the two engines only Spark has streams, and to ask takes a look at the whole plan.
            if self.engine == "spark" and rows.isStreaming:
                # A stream has no end at which its rows could be counted: those of Spark's are only filtered.
                return kept_of(rows, dataset.expectations).alias(dataset.name)
            if not dataset.expectations and not dataset.spark_conf:
                return rows.alias(dataset.name)
            rows, schema = reading.without_hidden(rows, nullable(seen_schema(rows, reading.plans)))
            alias = reading.plans.keep(dataset.name, dropping(dataset, self.session))
            checked = write_checked(self.session, rows, schema, self.scratch, dataset, self.definitions.root)
        reading.counts += checked.counts
        reading.dropped[dataset.name] = checked.dropped
        kept = read_files(self.session, schema, [file.path for file in checked.files]).alias(alias)
        return (kept.alias(STREAM) if reading.streams else kept).alias(dataset.name)


def local_path(home: Home, root: Path, path: str) -> str:
    """The local path of /Volumes/<catalog>/<schema>/<volume>/..., which stands below the home's volumes.

    So does /databricks-datasets/..., below the home itself. A relative path goes by the pipeline's `root`. UserError
    for a path of cloud storage.
    """
    plain = path.removeprefix("dbfs:").removeprefix("file:")
    if "://" in plain:
        raise NotSupplied(
            f"{path}: cloud storage is not read on one machine: read /Volumes/..., which is below {home.volumes}"
        )
    if plain.startswith("/databricks-datasets/"):
        return f"{home.path}{plain}"
    return str(
        home.volumes.joinpath(*plain.split("/")[3:]) if plain.startswith("/Volumes/") else root / plain
    )


@contextmanager
def scratch_folder(home: Home) -> Iterator[Path]:
    """A folder for as long as the update runs; what a killed one left goes, too (the caller holds the lock)."""
    folder = home.state / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
