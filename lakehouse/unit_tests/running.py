"""Runs tests: each in a home of its own, all of one pipeline and configuration in one session."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from common.counting import counted
from common.errors import UserError
from common.home import Home
from lakehouse.output.paths import path_from_here
from lakehouse.unit_tests.cells import value_of_arrow
from lakehouse.unit_tests.comparing import Actual, TableDiff, table_diff
from lakehouse.unit_tests.files import UnitTest
from lakehouse.unit_tests.given import KnownTables, declared_columns, write_given
from local.engine.language.definitions import Definitions
from local.engine.language.model import Kind
from local.engine.language.spec import PipelineSpec
from local.engine.running.single import Single, loaded_pipeline
from local.engine.sessions.engines import EngineChoice, EngineName
from local.engine.sessions.errors import NeedsSpark

NOT_GIVEN = "which is not there: no pipeline has written it yet"


@dataclass(frozen=True)
class Outcome:
    """How a test ended: `diff` says what differs of the rows, `fault` what else is wrong; neither when it passed."""

    test: UnitTest
    seconds: float
    diff: TableDiff | None = None
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.diff and not self.fault


def run_tests(
    tests: Iterable[UnitTest],
    specs: Sequence[PipelineSpec],
    known: KnownTables,
    engine: EngineChoice = "auto",
) -> Iterator[Outcome]:
    """The outcomes, those of a pipeline one after another. Raises UserError for a test that no pipeline has."""
    files = {file: spec for spec in specs for file in spec.files()}
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[UnitTest]] = {}
    for test in tests:
        if test.model not in files:
            names = ", ".join(spec.name for spec in specs)
            raise test.spot.error(f"{path_from_here(test.model)} is no file of the pipelines {names}")
        at = (files[test.model].name, tuple(sorted(test.configuration.items())))
        groups.setdefault(at, []).append(test)
    by_name = {spec.name: spec for spec in specs}
    for (name, configuration), some in groups.items():
        spec = by_name[name]
        configured = replace(spec, configuration=spec.configuration | dict(configuration))
        yield from _run_group(configured, some, known, engine)


def _run_group(
    spec: PipelineSpec, tests: Sequence[UnitTest], known: KnownTables, engine: EngineChoice
) -> Iterator[Outcome]:
    first: EngineName = "spark" if engine == "spark" else "sail"
    left = []
    with (
        TemporaryDirectory(prefix="unit-tests-") as folder,
        loaded_pipeline(spec, first, Home(Path(folder) / "loading")) as pipeline,
    ):
        for number, test in enumerate(tests):
            try:
                yield _run(pipeline, spec, test, known, Home(Path(folder) / str(number)))
            except NeedsSpark as need:
                if engine == "auto":
                    left.append(test)
                else:
                    yield Outcome(test, 0.0, fault=str(need))
    if left:
        yield from _run_group(spec, left, known, "spark")


def _run(pipeline: Single, spec: PipelineSpec, test: UnitTest, known: KnownTables, home: Home) -> Outcome:
    began = monotonic()
    diff, fault = None, ""
    try:
        name = _dataset_of(pipeline.definitions, test)
        with pipeline.active():
            for given in test.given:
                write_given(pipeline.definitions, spec, given, known, home)
            actual = _actual(pipeline, name, test, known, home)
        if actual:
            diff = table_diff(test, actual, _keys(pipeline.definitions, name, known))
    except NeedsSpark:
        raise
    except UserError as error:
        fault = str(error)
    return Outcome(test, monotonic() - began, diff, fault)


def _actual(pipeline: Single, name: str, test: UnitTest, known: KnownTables, home: Home) -> Actual | None:
    """What the dataset gives; None for the error that is expected. Raises UserError when it ends otherwise."""
    try:
        columns, rows = pipeline.rows(name, home)
    except NeedsSpark:
        raise
    except UserError as error:
        _check_error(test, str(error))
        return None
    if test.expect.error is not None:
        spot = test.spot.at(test.expect.node)
        raise spot.error(
            f"no error came, and {name} has {counted(rows.num_rows, 'row')}; expected was {test.expect.error!r}"
        )
    if not columns.fields:
        # A stream that had nothing new makes no table.
        columns = declared_columns(pipeline.definitions, name, known) or columns
    kinds = {field.name: field.dataType for field in columns.fields}
    normalized = ({c: value_of_arrow(one, kinds[c]) for c, one in row.items()} for row in rows.to_pylist())
    return Actual(kinds, list(normalized))


def _check_error(test: UnitTest, message: str) -> None:
    """Raises UserError for an error that is not the expected one."""
    expected = test.expect.error
    if expected is None:
        hint = "which the test does not give: give it, with `rows: []` for none"
        raise test.spot.error(message.replace(NOT_GIVEN, hint))
    if expected not in message:
        raise test.spot.at(test.expect.node).error(f"another error came than {expected!r}: {message}")


def _dataset_of(definitions: Definitions, test: UnitTest) -> str:
    """The dataset that is tested: the one named, else the one table that the file defines, else its one view."""
    there = [name for name in definitions.datasets if test.model in definitions.files.get(name, ())]
    if test.dataset:
        name = definitions.resolve(test.dataset)
        if name not in there:
            raise test.spot.error(f"{test.dataset} is not defined in {test.model.name}: {', '.join(there)}")
        return name
    tables = [name for name in there if definitions.datasets[name].kind != Kind.TEMPORARY_VIEW]
    chosen = tables or there
    if len(chosen) != 1:
        raise test.spot.error(
            f"{test.model.name} defines {', '.join(chosen) or 'no dataset'}: name one with `dataset`"
        )
    return chosen[0]


def _keys(definitions: Definitions, name: str, known: KnownTables) -> Sequence[str]:
    flows = [*definitions.cdc_flows, *definitions.snapshot_flows]
    keys = next((flow.keys for flow in flows if flow.target == name and flow.stored_as_scd_type == 1), ())
    return known.keys.get(name) or keys
