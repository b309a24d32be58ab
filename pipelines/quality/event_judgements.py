"""utils.event_judgements: what became of the change events, and whether today's rules have judged them."""

from functools import reduce

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.cdc import CHANGES
from pipelines.schemas.model import RULES_VERSION, Table
from pipelines.schemas.utils import EVENT_JUDGEMENTS
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import EVENT_JUDGEMENTS_RULES


@dp.materialized_view(
    name="utils.event_judgements",
    comment=EVENT_JUDGEMENTS.comment,
    schema=EVENT_JUDGEMENTS.schema,
    table_properties={"quality": "quality"},
)
@dp.expect_all(EVENT_JUDGEMENTS_RULES.warn)
def event_judgements() -> DataFrame:
    """One row for each table of change events."""
    # Not by reconciliation: the medallion goes on without change events.
    quarantine = spark.read.table("utils.quarantine")
    return reduce(
        DataFrame.union, [judged_events(spark.read.table(table.name), quarantine, table) for table in CHANGES]
    )


def judged_events(kept: DataFrame, quarantine: DataFrame, changes: Table) -> DataFrame:
    """The row of the table `changes`, whose rows are `kept`.

    A row without a version was written before versions were: nobody knows by which rules, so it is outdated.
    """
    version = RULES_VERSION.name
    rejected = quarantine.where(F.col("dataset") == changes.name)
    judged = kept.select(F.lit(True).alias("kept"), version).union(rejected.select(F.lit(False), version))
    today = F.col(version).eqNullSafe(rules_version(changes.short_name))
    return judged.agg(
        F.count_if("kept").alias("kept_records"),
        F.count_if(~F.col("kept")).alias("rejected_records"),
        F.count_if(~today).alias("outdated_records"),
    ).select(F.lit(changes.name).alias("dataset"), "kept_records", "rejected_records", "outdated_records")
