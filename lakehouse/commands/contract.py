"""`lakehouse contract`: the tables that readers may build on, as data contracts."""

import typer


def contract() -> None:
    """Write contracts/ anew, in the Open Data Contract Standard, from the tables' schemas and rules."""
    from lakehouse.contracts.rendering import CONTRACTS_FOLDER, write

    changed = write()
    for path in changed:
        typer.echo(f"{'wrote' if path.exists() else 'removed'} {CONTRACTS_FOLDER}/{path.name}")
    if not changed:
        typer.echo("every contract is as the tables are")


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(contract)
