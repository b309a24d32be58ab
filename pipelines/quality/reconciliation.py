"""utils.reconciliation: whether every row of bronze is accounted for, and what share was rejected."""

from functools import reduce
from operator import or_

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.catalog import MAX_QUARANTINED_SHARE, QUALITY
from pipelines.schemas import silver
from pipelines.schemas.model import Table
from pipelines.schemas.utils import RECONCILIATION
from pipelines.shared.cleaning import CLEANERS
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import RECONCILIATION_RULES, SILVER_RULES

FROM_BRONZE = [table for table in silver.TABLES if table.short_name in CLEANERS]


@dp.materialized_view(
    name="utils.reconciliation",
    comment=RECONCILIATION.comment,
    schema=RECONCILIATION.schema,
    table_properties={"quality": "quality"},
)
@dp.expect_all(RECONCILIATION_RULES.warn)
def reconciliation() -> DataFrame:
    """One row for each dataset of bronze; one scan of each table."""
    read = [read_records(spark.read.table(f"bronze.{table.short_name}"), table) for table in FROM_BRONZE]
    kept = [kept_records(spark.read.table(table.name), table) for table in FROM_BRONZE]
    return reconcile(
        reduce(DataFrame.union, read),
        reduce(DataFrame.union, kept),
        spark.read.table("utils.quarantine"),
        outdated(spark.read.table("utils.judgements")),
        max_quarantined_share(),
    )


def read_records(bronze: DataFrame, table: Table) -> DataFrame:
    """What the rows of bronze come to for the silver `table`: dataset, bronze_records, replaced_records, read_until.

    Replaced is every valid row of bronze but one for each key. It is counted without a look at silver, so that
    the sum does not work out when silver has lost or multiplied a row.
    """
    drop = SILVER_RULES[table.short_name].drop.values()
    valid = F.expr(" AND ".join(f"({predicate})" for predicate in drop))
    # By groups: no engine is quick at counting distinct structs.
    by_key = (
        CLEANERS[table.short_name](bronze)
        .withColumn("valid", valid)
        .groupBy("valid", *table.keys)
        .agg(F.count("*").alias("records"), F.max("_ingested_at").alias("read_until"))
    )
    replaced = F.sum(F.when(F.col("valid"), F.col("records") - 1))
    return by_key.agg(
        F.coalesce(F.sum("records"), F.lit(0)).alias("bronze_records"),
        F.coalesce(replaced, F.lit(0)).alias("replaced_records"),
        F.max("read_until").alias("read_until"),
    ).select(F.lit(table.name).alias("dataset"), "bronze_records", "replaced_records", "read_until")


def kept_records(rows: DataFrame, table: Table) -> DataFrame:
    """The rows of the silver `table`: dataset, silver_records."""
    return rows.agg(F.count("*").alias("silver_records")).select(
        F.lit(table.name).alias("dataset"), "silver_records"
    )


def outdated(judgements: DataFrame) -> DataFrame:
    """The rows that other rules than today's have judged, where there are any: dataset, outdated."""
    today = reduce(
        or_,
        [
            (F.col("dataset") == table.name) & (F.col("rules_version") == rules_version(table.short_name))
            for table in FROM_BRONZE
        ],
    )
    return judgements.where(~today).groupBy("dataset").agg(F.count("*").alias("outdated"))


def max_quarantined_share() -> float:
    """The configured limit, 0 to 1; without one everything passes."""
    configured = spark.conf.get(MAX_QUARANTINED_SHARE, "") or QUALITY.settings[MAX_QUARANTINED_SHARE]
    try:
        return float(configured)
    except ValueError:
        message = f"{MAX_QUARANTINED_SHARE} is {configured!r}: write a number from 0 to 1"
        raise ValueError(message) from None


def reconcile(
    read: DataFrame, kept: DataFrame, quarantine: DataFrame, outdated: DataFrame, limit: float
) -> DataFrame:
    """What became of the rows read: quarantined, kept, or replaced by a later row of their key.

    The counts of read_records, kept_records and outdated, each independent of the others, and the configured `limit`.
    """
    quarantined = quarantine.groupBy("dataset").agg(F.count("*").alias("rejected"))
    rejected = F.coalesce("rejected", F.lit(0))
    share = F.coalesce(F.try_divide(rejected, F.col("bronze_records")), F.lit(0.0))
    return (
        read.join(kept, "dataset")
        .join(quarantined, "dataset", "left")
        .join(outdated, "dataset", "left")
        .withColumns(
            {
                "quarantined_records": rejected,
                "quarantined_share": share,
                "max_quarantined_share": F.lit(limit),
                "outdated_records": F.coalesce("outdated", F.lit(0)),
            }
        )
        .select(*RECONCILIATION.column_names)
    )
