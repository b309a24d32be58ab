"""utils.expectation_results: how many records keep and break each expectation."""

from functools import reduce

from pyspark import pipelines as dp
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.utils import EXPECTATION_RESULTS
from pipelines.shared.rules import BRONZE_RULES, CDC_RULES, EVENT_VERDICT_RULES, SILVER_RULES, VERDICT_RULES


@dp.materialized_view(
    name="utils.expectation_results",
    comment=EXPECTATION_RESULTS.comment,
    schema=EXPECTATION_RESULTS.schema,
    table_properties={"quality": "quality"},
)
def expectation_results() -> DataFrame:
    """Every expectation of bronze, silver, cdc and the gate, over all records; one scan of each table.

    Gold's own stand in the event log of its pipeline: it is written after this, and a table that is there keeps them.
    """
    results = [*_bronze_and_drop_results(), *_silver_results(), *_cdc_results(), *_gate_results()]
    return with_quarantine(reduce(DataFrame.union, results), spark.read.table("utils.quarantine"))


def _bronze_and_drop_results() -> list[DataFrame]:
    return [
        results_of(
            spark.read.table(f"bronze.{name}"),
            watched(f"bronze.{name}", "warn", rules.warn)
            + dropped(f"silver.{name}", SILVER_RULES[name].drop),
        )
        for name, rules in BRONZE_RULES.items()
    ]


def _silver_results() -> list[DataFrame]:
    return [
        results_of(spark.read.table(f"silver.{name}"), watched(f"silver.{name}", "warn", rules.warn))
        for name, rules in SILVER_RULES.items()
        if rules.warn
    ]


def _cdc_results() -> list[DataFrame]:
    return [
        results_of(
            spark.read.table(f"cdc.{name}"),
            watched(f"cdc.{name}", "warn", rules.warn) + dropped(f"cdc.{name}", rules.drop),
        )
        for name, rules in CDC_RULES.items()
    ]


def _gate_results() -> list[DataFrame]:
    """What the gate will say: its rules look at what is counted beside this."""
    return [
        results_of(spark.read.table(counted), watched(verdict, "fail", rules.fail))
        for counted, verdict, rules in (
            ("utils.reconciliation", "utils.verdict", VERDICT_RULES),
            ("utils.event_judgements", "utils.event_verdict", EVENT_VERDICT_RULES),
        )
    ]


def watched(dataset: str, action: str, rules: dict[str, str]) -> list[Column]:
    """A result for each rule that can be counted over the table itself."""
    return [
        _result(dataset, name, action, F.count_if(~F.expr(predicate))) for name, predicate in rules.items()
    ]


def dropped(dataset: str, rules: dict[str, str]) -> list[Column]:
    """A result for each drop rule; with_quarantine fills in what broke it."""
    return [_result(dataset, name, "drop", F.lit(None).cast("BIGINT")) for name in rules]


def results_of(table: DataFrame, results: list[Column]) -> DataFrame:
    """The results of one scan of a table: dataset, expectation, action, records, failed."""
    return table.agg(F.array(*results).alias("results")).select(F.inline("results"))


def with_quarantine(results: DataFrame, quarantine: DataFrame) -> DataFrame:
    """passed_records and failed_records of each result; what broke a drop rule stands in quarantine."""
    broken = (
        quarantine.select("dataset", F.explode("failed_expectations").alias("expectation"))
        .groupBy("dataset", "expectation")
        .agg(F.count("*").alias("broken"))
    )
    # Bronze keeps the rows that silver drops; a rejected event stands nowhere but in quarantine.
    rejected = (
        quarantine.where(F.col("dataset").startswith("cdc."))
        .groupBy("dataset")
        .agg(F.count("*").alias("rejected"))
        .withColumn("action", F.lit("drop"))
    )
    failed = F.coalesce("failed", "broken", F.lit(0))
    records = F.col("records") + F.coalesce("rejected", F.lit(0))
    return (
        results.join(broken, ["dataset", "expectation"], "left")
        .join(rejected, ["dataset", "action"], "left")
        .withColumns({"passed_records": records - failed, "failed_records": failed})
        .select(*EXPECTATION_RESULTS.column_names)
    )


def _result(dataset: str, expectation: str, action: str, failed: Column) -> Column:
    return F.struct(
        F.lit(dataset).alias("dataset"),
        F.lit(expectation).alias("expectation"),
        F.lit(action).alias("action"),
        F.count("*").alias("records"),
        failed.alias("failed"),
    )
