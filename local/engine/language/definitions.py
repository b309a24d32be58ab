"""What a pipeline's files define, collected before anything runs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from common.errors import NotSupplied, UserError
from local.engine.language.generated_columns import with_generated
from local.engine.language.model import CdcFlow, Dataset, EventHook, Expectation, Flow, Kind, SnapshotCdcFlow
from local.engine.language.names import parts_of
from local.engine.language.places import PlacedError
from local.engine.language.sql.supplied import current_names

AnyFlow = Flow | CdcFlow | SnapshotCdcFlow
_BARE = (Kind.TEMPORARY_VIEW, Kind.SINK)
_TAKES_FLOWS = (Kind.STREAMING_TABLE, Kind.TABLE, Kind.SINK)
_CREATE = "create it with create_streaming_table (CREATE STREAMING TABLE)"


class DefinedTwice(UserError):  # noqa: N818 - it says what, not only that it failed
    """Two datasets, flows or expectations have one name."""


class Unfinished(UserError):  # noqa: N818 - it says what, not only that it failed
    """A dataset, by its `name`, that flows write into and nothing defines, or that no flow writes into."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass
class Definitions:
    """The datasets and flows of a pipeline, in the order of its files.

    `catalog` and `schema` are where a name without them goes. `configuration` is the pipeline's, with what its files
    set. `event_hooks` are told of each event. `files` maps a dataset to the files that define it or a flow into it.
    `modules` are the Python modules that its code imports, `folders` those of its files, where imports are looked for
    (see imports); `file` is the one that is being read. Complete after `settle`; what is added later is refused.
    """

    root: Path
    catalog: str
    schema: str
    configuration: dict[str, str] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    cdc_flows: list[CdcFlow] = field(default_factory=list)
    snapshot_flows: list[SnapshotCdcFlow] = field(default_factory=list)
    event_hooks: list[EventHook] = field(default_factory=list)
    files: dict[str, set[Path]] = field(default_factory=dict)
    modules: dict[str, ModuleType] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    _noted: list[tuple[str, Path]] = field(default_factory=list)
    file: Path | None = None
    _run_by: dict[Path, set[Path]] = field(default_factory=dict)
    _settled: bool = False

    @contextmanager
    def reading(self, file: Path) -> Iterator[None]:
        """What is added in this context comes from `file`."""
        before, self.file = self.file, file
        try:
            yield
        finally:
            self.file = before

    def depends_on(self, file: Path) -> None:
        """What the file that is being read defines depends on another file, too, which it runs."""
        self._run_by.setdefault(self.file or file, set()).add(file)

    @property
    def current(self) -> dict[str, str]:
        """The names of its catalog and schema, by the functions that give them."""
        return current_names(self.catalog, self.schema)

    def full_name(self, name: str) -> str:
        """`schema.table` of a table's name, `catalog.schema.table` when the catalog is not the pipeline's own."""
        parts = parts_of(name)
        parts = [self.schema.lower(), *parts] if len(parts) == 1 else parts
        return ".".join(parts[1:] if len(parts) == 3 and parts[0] == self.catalog.lower() else parts)

    def resolve(self, name: str) -> str:
        """What a name means where it is read or written: a view's or a sink's own name, else a table's full name."""
        parts = parts_of(name)
        dataset = self.datasets.get(parts[0]) if len(parts) == 1 else None
        return parts[0] if dataset else self.full_name(name)

    def add_dataset(self, dataset: Dataset) -> str:
        """Keeps a dataset, its name as it was written, and gives its name in full; a second of one name is refused."""
        self._check_open()
        name = self._bare_name(dataset) if dataset.kind in _BARE else self.full_name(dataset.name)
        before = self.datasets.get(self.resolve(name)) or self.datasets.get(self.full_name(name))
        if before:
            places = f"{before.place.shown(self.root)} and {dataset.place.shown(self.root)}"
            raise DefinedTwice(f"{name} is defined twice: {places}")
        self.datasets[name] = replace(dataset, name=name)
        self._check_expectations(name)
        self._note(name, dataset.place.file)
        return name

    def add_flow(self, flow: AnyFlow) -> None:
        """Keeps a flow; its target may be defined later. Raises UserError for a name that is none."""
        self._check_open()
        for name in (flow.target, getattr(flow, "source", "")):
            if isinstance(name, str) and name:
                parts_of(name)
        match flow:
            case Flow():
                self.flows.append(flow)
            case CdcFlow():
                self.cdc_flows.append(flow)
            case SnapshotCdcFlow():
                self.snapshot_flows.append(flow)
        self._note(flow.target, flow.place.file)

    def expect(self, name: str, expectations: Sequence[Expectation]) -> None:
        """Adds expectations before those of a dataset, by its full name."""
        self._check_open()
        dataset = self.datasets[name]
        self.datasets[name] = replace(dataset, expectations=(*expectations, *dataset.expectations))
        self._check_expectations(name)

    def tables(self) -> dict[str, Dataset]:
        """What has rows of its own: streaming tables and materialized views."""
        return {name: one for name, one in self.datasets.items() if one.kind not in _BARE}

    def targets(self) -> dict[str, Dataset]:
        """What an update writes: the tables and, after them, the sinks."""
        sinks = {name: one for name, one in self.datasets.items() if one.kind == Kind.SINK}
        return {**self.tables(), **sinks}

    def all_flows(self) -> list[AnyFlow]:
        """The flows of the three kinds."""
        return [*self.flows, *self.cdc_flows, *self.snapshot_flows]

    def settle(self) -> None:
        """Once all files are read: targets and sources get their full names."""
        self._settled = True
        self.flows = [self._settled_flow(flow) for flow in self.flows]
        self.cdc_flows = [replace(f, **self._names(f), source=self.resolve(f.source)) for f in self.cdc_flows]
        self.snapshot_flows = [
            replace(
                f, **self._names(f), source=self.resolve(f.source) if isinstance(f.source, str) else f.source
            )
            for f in self.snapshot_flows
        ]
        for name, file in self._noted:
            self.files.setdefault(self.resolve(name), set()).update({file}, self._run_by.get(file, ()))

    def problems(self) -> Iterator[PlacedError]:
        """What does not fit together, once it is settled."""
        for flow in self.all_flows():
            yield from self._target_problems(flow)
        yield from self._flow_name_problems()
        for dataset in self.datasets.values():
            yield from self._flow_problems(dataset)

    def _bare_name(self, dataset: Dataset) -> str:
        parts = parts_of(dataset.name)
        if len(parts) > 1:
            raise UserError(
                f"{dataset.name}: a {dataset.kind} has a name of one part; it is of this pipeline only"
            )
        return parts[0]

    def _settled_flow(self, flow: Flow) -> Flow:
        names = self._names(flow)
        target = self.datasets.get(names["target"])
        if target is None:
            return replace(flow, **names)
        query = with_generated(flow.query, target.generated) if target.generated else flow.query
        return replace(flow, **names, query=query, spark_conf={**target.spark_conf, **flow.spark_conf})

    def _names(self, flow: AnyFlow) -> dict[str, str]:
        target = self.resolve(flow.target)
        default = flow.name.lower() in (flow.target.lower(), target.rpartition(".")[2], target)
        return {"target": target, "name": target if default else flow.name}

    def _note(self, name: str, place: Path) -> None:
        self._noted += [(name, file) for file in {place, self.file or place}]

    def _check_open(self) -> None:
        if self._settled:
            raise UserError(
                "a query defines a dataset or a flow: define it at the top of a file, not in a query"
            )

    def _check_expectations(self, name: str) -> None:
        counted = Counter(expectation.name for expectation in self.datasets[name].expectations)
        twice = [expectation for expectation, times in counted.items() if times > 1]
        if twice:
            raise DefinedTwice(
                f"{name} has two expectations called '{twice[0]}': their counts could not be told apart"
            )

    def _flow_name_problems(self) -> Iterator[PlacedError]:
        seen: dict[str, AnyFlow] = {}
        for flow in self.all_flows():
            before = seen.setdefault(flow.name.lower(), flow)
            if before is not flow:
                other = before.place.shown(self.root)
                message = (
                    f"two flows are called {flow.name}, the other at {other}: give one of them another name="
                )
                yield PlacedError(flow.place, message, DefinedTwice(message))

    def _target_problems(self, flow: AnyFlow) -> Iterator[PlacedError]:
        target = self.datasets.get(flow.target)
        if target is None:
            message = f"the flow's target {flow.target} is not defined; {_CREATE}"
            yield PlacedError(flow.place, message, Unfinished(message, flow.target))
        elif not isinstance(flow, Flow) and target.kind != Kind.STREAMING_TABLE:
            yield PlacedError(flow.place, f"AUTO CDC into {flow.target}, which is a {target.kind}; {_CREATE}")
        elif flow.name != flow.target and target.kind not in _TAKES_FLOWS:
            yield PlacedError(flow.place, f"a flow into {flow.target}, which is a {target.kind}; {_CREATE}")

    def _flow_problems(self, dataset: Dataset) -> Iterator[PlacedError]:
        into = [flow for flow in self.all_flows() if flow.target == dataset.name]
        if not into and dataset.kind != Kind.SINK:
            message = f"{dataset.name} has no flow: nothing would ever be written to it"
            yield PlacedError(dataset.place, message, Unfinished(message, dataset.name))
        if len({type(flow) for flow in into}) > 1:
            yield PlacedError(dataset.place, f"{dataset.name} takes AUTO CDC flows or append flows, not both")
        others = [flow for flow in into if isinstance(flow, SnapshotCdcFlow)][1:]
        if others:
            message = f"{dataset.name} takes the snapshots of one flow, and this is its second"
            yield PlacedError(others[0].place, message)
        changes = [(flow.keys, flow.stored_as_scd_type) for flow in into if not isinstance(flow, Flow)]
        if changes and dataset.generated:
            message = (
                f"{dataset.name}: a GENERATED column ({', '.join(dataset.generated)}) is not supplied in a table that "
                "AUTO CDC writes: compute it in the source of the flow"
            )
            yield PlacedError(dataset.place, message, NotSupplied(message))
        if len(set(changes)) > 1:
            yield PlacedError(
                dataset.place, f"the AUTO CDC flows into {dataset.name} have other keys or SCD types"
            )
