"""utils.reconciliation: whether every row of bronze is accounted for; it fails when too many are rejected."""

from functools import reduce

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.rules import RECONCILIATION as RULES
from pipelines.schemas import bronze
from pipelines.schemas.utils import RECONCILIATION


@dp.materialized_view(
    name="utils.reconciliation",
    comment=RECONCILIATION.comment,
    schema=RECONCILIATION.schema,
    table_properties={"quality": "quality"},
)
@dp.expect_all_or_fail(RULES.fail)
def reconciliation() -> DataFrame:
    """One row for each dataset of bronze."""
    names = [table.short_name for table in bronze.TABLES]
    read, rejected = counts("bronze", names), spark.read.table("utils.quarantine")
    return reconcile(read, counts("silver", names), rejected, max_quarantined_share())


def counts(schema: str, names: list[str]) -> DataFrame:
    """The rows of each named table of `schema`: dataset (as silver.<name>), <schema>_records."""
    counted = [
        spark.read.table(f"{schema}.{name}")
        .agg(F.count("*").alias(f"{schema}_records"))
        .select(F.lit(f"silver.{name}").alias("dataset"), f"{schema}_records")
        for name in names
    ]
    return reduce(DataFrame.union, counted)


def max_quarantined_share() -> float:
    """The configured limit, 0 to 1; without one nothing stops."""
    configured = spark.conf.get("olist.max_quarantined_share", "1.0") or "1.0"
    try:
        return float(configured)
    except ValueError:
        message = f"olist.max_quarantined_share is {configured!r}: write a number from 0 to 1"
        raise ValueError(message) from None


def reconcile(read: DataFrame, kept: DataFrame, quarantine: DataFrame, limit: float) -> DataFrame:
    """What became of the rows read: quarantined, kept, or replaced by a later row of their key."""
    quarantined = quarantine.groupBy("dataset").agg(F.count("*").alias("rejected"))
    rejected = F.coalesce("rejected", F.lit(0))
    replaced = F.col("bronze_records") - rejected - F.col("silver_records")
    share = F.coalesce(F.try_divide(rejected, F.col("bronze_records")), F.lit(0.0))
    return (
        read.join(kept, "dataset")
        .join(quarantined, "dataset", "left")
        .withColumns(
            {
                "quarantined_records": rejected,
                "replaced_records": replaced,
                "quarantined_share": share,
                "max_quarantined_share": F.lit(limit),
            }
        )
        .select(*RECONCILIATION.column_names)
    )
