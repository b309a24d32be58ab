"""utils.quarantine: every row that a drop rule kept out of silver or cdc, with the rules that it breaks."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas import bronze, cdc
from pipelines.schemas.model import Table
from pipelines.schemas.utils import QUARANTINE
from pipelines.shared.cleaning import CLEANERS, clean_changes
from pipelines.shared.erasure import ERASED, skip_change_commits, with_erasures
from pipelines.shared.rejects import rejected, with_record
from pipelines.shared.rules import CDC_RULES, SILVER_RULES
from pipelines.shared.sources import JSON_OPTIONS, text_schema, with_lineage
from pipelines.shared.table_properties import streaming

dp.create_streaming_table(
    name="utils.quarantine",
    comment=QUARANTINE.comment,
    schema=QUARANTINE.schema,
    cluster_by=["dataset"],
    table_properties=streaming("quarantine", spark.conf.get),
)


def quarantine_rows(source: Table) -> None:
    """Adds the flow of the rows of a bronze table that its silver table drops."""
    name = source.short_name

    @dp.append_flow(target="utils.quarantine", name=f"quarantine_{name}")
    def rows() -> DataFrame:
        raw = with_record(skip_change_commits(spark.readStream).table(source.name), source)
        return rejected(CLEANERS[name](raw), f"silver.{name}", SILVER_RULES[name].drop)


def quarantine_events(entity: str, changes: Table) -> None:
    """Adds the flow of the change events of `entity` that `changes` drops."""

    @dp.append_flow(target="utils.quarantine", name=f"quarantine_{changes.short_name}")
    def events() -> DataFrame:
        # Read from the files again: what the table of changes drops stands nowhere else.
        files = (
            spark.readStream.format("cloudFiles")
            .options(**JSON_OPTIONS)
            .schema(text_schema(changes.source_columns))
            .load(f"{spark.conf.get('olist.cdc_path')}/{entity}")
        )
        raw = with_record(with_lineage(files), changes)
        rows = rejected(
            clean_changes(raw, CLEANERS[entity]), changes.name, CDC_RULES[changes.short_name].drop
        )
        erasures = spark.read.table("privacy.erasures")
        return with_erasures(rows, QUARANTINE, erasures).where(~F.col(ERASED)).drop(ERASED)


for table in bronze.TABLES:
    quarantine_rows(table)

quarantine_events("customers", cdc.CUSTOMERS_CHANGES)
quarantine_events("products", cdc.PRODUCTS_CHANGES)
quarantine_events("sellers", cdc.SELLERS_CHANGES)
