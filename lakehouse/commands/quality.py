"""`lakehouse quality`: what was expected, what was found, what is in quarantine."""

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import FormatOption, HomeOption
from lakehouse.output.formats import RowFormat

RESULTS = """
select dataset, expectation, action, passed_records as passed, failed_records as failed
from utils.expectation_results order by failed_records = 0, action, dataset, expectation
"""
QUARANTINE = """
select dataset, array_join(failed_expectations, ', ') as failed_expectations, count(*) as records,
       min_by(record, record) as example
from utils.quarantine group by 1, 2 order by records desc, 1, 2
"""


def quality(output: FormatOption = RowFormat.TABLE, home: HomeOption = None) -> None:
    """Show the expectations' results, and why rows are in quarantine with an example of each reason."""
    from lakehouse.output.show import show_all
    from local.engine.running.querying import query
    from local.engine.storage.log import table_names

    place = Home.find(home)
    present = table_names(place.warehouse)
    if "utils.quarantine" not in present:
        raise UserError(f"{place.path} has no quality results yet: `lakehouse run` writes them")
    statements = {"Quarantine": QUARANTINE}
    if "utils.expectation_results" in present:
        statements = {"Expectations": RESULTS} | statements
    show_all(dict(zip(statements, query(place, *statements.values()), strict=True)), output)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(quality)
