"""cdc.sellers_changes: the change events of sellers, typed and cleaned."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.cdc import SELLERS_CHANGES
from pipelines.schemas.model import RULES_VERSION
from pipelines.shared.cleaning import clean_changes, clean_sellers
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import CDC_RULES
from pipelines.shared.sources import JSON_OPTIONS, text_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="cdc.sellers_changes",
    comment=SELLERS_CHANGES.comment,
    schema=SELLERS_CHANGES.schema,
    cluster_by=["seller_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(CDC_RULES["sellers_changes"].warn)
@dp.expect_all_or_drop(CDC_RULES["sellers_changes"].drop)
def sellers_changes() -> DataFrame:
    """Every valid event of every new file below the change events' `sellers` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**JSON_OPTIONS)
        .schema(text_schema(SELLERS_CHANGES.source_columns))
        .load(f"{spark.conf.get('olist.cdc_path')}/sellers")
    )
    cleaned = clean_changes(with_lineage(files), clean_sellers)
    return cleaned.withColumn(RULES_VERSION.name, F.lit(rules_version("sellers_changes")))
