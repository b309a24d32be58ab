"""`lakehouse test`: unit tests of datasets, as data beside the code."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.counting import counted
from lakehouse.commands.options import ENGINE_VARIABLE, Engine

if TYPE_CHECKING:
    from lakehouse.unit_tests.running import Outcome
    from local.engine.language.spec import PipelineSpec


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of tests, or folders with some; else all beside the code."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write the rows that came as those expected; keeps comments.")
    ] = False,
    spec: Annotated[
        Path | None, typer.Option(help="A Spark pipeline spec of any other project; else this repository's.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(envvar=ENGINE_VARIABLE, help="What runs the queries.")
    ] = Engine.AUTO,
) -> None:
    """Run the tests in files called *.test.yml: rows given by table, and the rows that a dataset makes of them.

    Exit code 1 when a test fails.
    """
    from common.errors import UserError
    from lakehouse.output.show import console
    from lakehouse.specs import all_specs
    from lakehouse.unit_tests.files import TEST_SUFFIX, find_tests, read_tests
    from lakehouse.unit_tests.given import KnownTables
    from lakehouse.unit_tests.running import run_tests
    from lakehouse.unit_tests.showing import show_outcome
    from pipelines.schemas import TABLES

    specs = all_specs(spec)
    known = (
        KnownTables({}, {})
        if spec
        else KnownTables(
            {table.name: table.schema for table in TABLES}, {table.name: table.keys for table in TABLES}
        )
    )
    files = find_tests(paths or _beside(specs))
    if not files:
        raise UserError(f"there are no tests: write x{TEST_SUFFIX} beside the dataset (docs/unit-tests.md)")
    tests = [test for file in files for test in read_tests(file)]
    to, outcomes = console(), []
    for outcome in run_tests(tests, specs, known, engine.value):
        outcomes.append(outcome)
        if not (update and outcome.diff):
            show_outcome(outcome, to)
    _end(files, outcomes, update)


def _beside(specs: "list[PipelineSpec]") -> list[Path]:
    return sorted({file.parent for spec in specs for file in spec.files()})


def _end(files: list[Path], outcomes: "list[Outcome]", update: bool) -> None:
    if update:
        _update(files, outcomes)
        outcomes = [outcome for outcome in outcomes if not outcome.diff]
    failed = sum(not outcome.passed for outcome in outcomes)
    seconds = sum(outcome.seconds for outcome in outcomes)
    typer.echo(f"{len(outcomes) - failed} passed, {failed} failed in {seconds:.1f} s")
    if failed:
        raise typer.Exit(1)


def _update(files: list[Path], outcomes: "list[Outcome]") -> None:
    from lakehouse.output.paths import path_from_here
    from lakehouse.unit_tests.updating import rewrite_expected

    for file in files:
        own = [outcome for outcome in outcomes if outcome.test.spot.file == file]
        changed = rewrite_expected(file, own)
        if changed:
            typer.echo(
                f"{path_from_here(file)}: expected rows of {counted(changed, 'test')} written: look at the difference"
            )


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(test)
