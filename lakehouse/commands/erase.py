"""`lakehouse erase customer`: everything of a person out of tables and files."""

from typing import Annotated

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import ENGINE_VARIABLE, Engine, HomeOption

# Without the id: the home keeps what holds its lock.
PURPOSE = "lakehouse erase customer"

erase = typer.Typer(help="Erase a person.", no_args_is_help=True)


@erase.command()
def customer(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="A customer_unique_id, or a customer_id of the person.")
    ],
    reason: Annotated[str | None, typer.Option(help="Kept with the request, for its report.")] = None,
    engine: Annotated[
        Engine, typer.Option(envvar=ENGINE_VARIABLE, help="As for `lakehouse run`; not with --env.")
    ] = Engine.AUTO,
    env: Annotated[
        str | None, typer.Option(help="In this environment's workspace (dev, staging, prod, local).")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Take a person, and the person's orders, out of tables and files; says what was removed where.

    A person of whom nothing is found is recorded all the same. Exit code 1 when the pipelines fail before.
    """
    from lakehouse.erasing.here import erase_customer
    from lakehouse.output.progress import ProgressLines
    from local.engine.storage.lock import locked

    start = _digest(identifier)
    if env:
        from infra.stack.environments import find_environment
        from lakehouse.erasing.remote import erase_on

        erase_on(find_environment(env), start, reason, typer.echo)
        return
    place = Home.find(home)
    with ProgressLines() as progress, locked(place, PURPOSE):
        report, file = erase_customer(place, start, reason, progress.on_event, engine.value)
    for line in report.lines():
        typer.echo(line)
    typer.echo(f"report: {file}")


def _digest(identifier: str) -> str:
    from pipelines.erasing.person import digest

    try:
        return digest(identifier)
    except ValueError as error:
        raise UserError(str(error)) from None


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.add_typer(erase, name="erase")
