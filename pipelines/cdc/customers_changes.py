"""cdc.customers_changes: the change events of customers, typed and cleaned."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.cdc import CUSTOMERS_CHANGES
from pipelines.schemas.model import RULES_VERSION
from pipelines.shared.cleaning import clean_changes, clean_customers
from pipelines.shared.erasure import ERASED, NOT_ERASED, skip_change_commits, with_erasures
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import CDC_RULES
from pipelines.shared.sources import JSON_OPTIONS, text_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="customers_events_delivered")
@dp.expect_all_or_drop(NOT_ERASED)
def customers_events_delivered() -> DataFrame:
    """Every event of every new file below the change events' `customers` folder, once, but of whom was erased."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**JSON_OPTIONS)
        .schema(text_schema(CUSTOMERS_CHANGES.source_columns))
        .load(f"{spark.conf.get('olist.cdc_path')}/customers")
    )
    return with_erasures(with_lineage(files), CUSTOMERS_CHANGES, spark.read.table("privacy.erasures"))


@dp.table(
    name="cdc.customers_changes",
    comment=CUSTOMERS_CHANGES.comment,
    schema=CUSTOMERS_CHANGES.schema,
    cluster_by=["customer_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(CDC_RULES["customers_changes"].warn)
@dp.expect_all_or_drop(CDC_RULES["customers_changes"].drop)
def customers_changes() -> DataFrame:
    """The valid events that were delivered."""
    events = spark.readStream.table("customers_events_delivered").drop(ERASED)
    cleaned = clean_changes(events, clean_customers)
    return cleaned.withColumn(RULES_VERSION.name, F.lit(rules_version("customers_changes")))


@dp.temporary_view(name="customers_events")
def customers_events() -> DataFrame:
    """The events as the current rows and the history read them."""
    return skip_change_commits(spark.readStream).table("cdc.customers_changes")
