"""`lakehouse demo`: the main job and what it gives."""

import os
from pathlib import Path

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

# How `make` starts what stands in Pipfile: its own pipenv may be on no path.
RUN_VARIABLE = "LAKEHOUSE_RUN"

HEADLINES = {
    "Sales: the best months": """
        select sales_month, sum(total_items) as items, sum(total_revenue) as revenue
        from gold.sales_performance group by 1 order by revenue desc limit 5""",
    "Customers: the segments": """
        select segment, persons, total_monetary_value as spent, round(avg_recency_days) as recency_days
        from gold.customer_segment_counts order by persons desc""",
    "Logistics: where deliveries are late": """
        select customer_state, total_deliveries, round(avg_delivery_days, 1) as avg_delivery_days,
               round(percentage_delayed, 1) as percentage_delayed
        from gold.logistics_efficiency order by percentage_delayed desc limit 5""",
    "Payments: the methods": """
        select payment_type, sum(usage_count) as payments, sum(total_amount) as amount
        from gold.payment_methods_evolution group by 1 order by amount desc""",
    "Sellers: the best rated": """
        select quality_rank, seller_id, seller_state, total_sales, round(avg_rating, 2) as avg_rating
        from gold.seller_quality where quality_rank is not null order by quality_rank limit 5""",
    "Quality: the expectations": """
        select action, count(*) as expectations, sum(passed_records) as passed_records,
               sum(failed_records) as failed_records
        from utils.expectation_results group by 1 order by 1""",
    "Quality: the rows": """
        select sum(bronze_records) as read, sum(silver_records) as kept, sum(replaced_records) as replaced_or_merged,
               sum(quarantined_records) as quarantined from utils.reconciliation""",
}
REPORT = "report.html"
NEXT = """
Go on with
  lakehouse ui                               the page itself: live, with the rows and SQL
  lakehouse tables                           what there is
  lakehouse sql "select * from gold.seller_quality"
  lakehouse generate --dirty 0.02            more of the same world, some of it broken
  lakehouse run                              only what is new
  lakehouse quality                          what was rejected, and why
(each after `{run}`)

Look at all of it in the browser:
  {report}"""


def demo(home: HomeOption = None) -> None:
    """Generate a world (unless there is one), run the pipelines, show the headlines, write a page of it all."""
    from lakehouse.commands.generate import generate
    from lakehouse.commands.run import What, run

    place = Home.find(home)
    if any(place.raw.glob("*/*.csv")):
        typer.echo(f"the world in {place.path} stays as it is; `lakehouse generate` adds to it")
    else:
        generate(home=home)
    run(What.ALL, home=home)
    _show_headlines(place)
    report = _written_report(place)
    typer.echo(NEXT.format(run=os.environ.get(RUN_VARIABLE, "pipenv run"), report=report.as_uri()))


def _written_report(place: Home) -> Path:
    from lakehouse.page.export import exported_page

    report = place.path.absolute() / REPORT
    report.write_text(exported_page(place), encoding="utf-8")
    return report


def _show_headlines(place: Home) -> None:
    from lakehouse.output.show import show
    from local.engine.running.querying import query

    for title, rows in zip(HEADLINES, query(place, *HEADLINES.values()), strict=True):
        typer.echo("")
        show(rows, title=title, grouped=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(demo)
