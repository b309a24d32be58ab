"""`lakehouse generate`: raw files and change events of a made-up shop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.counting import counted
from common.errors import UserError
from common.home import Home
from generator.spec import DEFAULT_CHANGE_BATCHES, DEFAULT_ORDERS

if TYPE_CHECKING:
    from generator.engine import RunReport


def generate(
    orders: Annotated[int, typer.Option(help="New orders of this run.")] = DEFAULT_ORDERS,
    customers: Annotated[
        int | None, typer.Option(help="Customers before any change event; 1000 in a new world.")
    ] = None,
    products: Annotated[
        int | None, typer.Option(help="Products before any change event; 500 in a new world.")
    ] = None,
    sellers: Annotated[
        int | None, typer.Option(help="Sellers before any change event; 100 in a new world.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The world's seed; 42 in a new world.")] = None,
    change_batches: Annotated[
        int, typer.Option(help="Change event files an entity, 50 events each.")
    ] = DEFAULT_CHANGE_BATCHES,
    dirty: Annotated[float, typer.Option(help="Share of rows, 0 to 1, that get a defect.")] = 0.0,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the lakehouse; default $LAKEHOUSE_HOME or .lakehouse.")
    ] = None,
) -> None:
    """Write the next run of the world: new orders, later statuses, change events. Old files stay."""
    from generator.engine import generate as generate_run
    from generator.errors import GeneratorError
    from generator.spec import Settings
    from local.engine.storage.lock import locked, purpose

    place = Home.find(home)
    try:
        settings = Settings(orders, customers, products, sellers, change_batches, dirty, seed)
        with locked(place, purpose()):
            reports = generate_run(settings, place.raw, place.cdc)
    except GeneratorError as error:
        raise UserError(str(error)) from error
    for report in reports:
        _print(report, place)


def _print(report: "RunReport", place: Home) -> None:
    """A line a folder of files, and what the run was."""
    from rich.console import Console
    from rich.table import Table

    table = Table("files in", "files", "rows", box=None)
    for folder, files in report.by_folder().items():
        shown = str(folder.relative_to(place.path))
        table.add_row(shown, str(len(files)), f"{sum(file.rows for file in files):,}")
    console = Console()
    console.print(table)
    resumed = " (begun earlier, finished now)" if report.resumed else ""
    console.print(
        f"run {report.run}{resumed}: {counted(report.rows, 'row')} in {report.seconds:.1f} s; "
        f"the world's clock stands at {report.world_time:%Y-%m-%d}"
    )
    if report.manifest:
        console.print(f"injected defects: {report.manifest}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(generate)
