"""silver.sellers: typed and cleaned, one row for each seller."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import SELLERS
from pipelines.shared.cleaning import clean_sellers
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="sellers_valid")
@dp.expect_all_or_drop(SILVER_RULES["sellers"].drop)
def sellers_valid() -> DataFrame:
    """The rows of bronze.sellers that keep every drop rule, with what orders them."""
    return versioned(clean_sellers(skip_change_commits(spark.readStream).table("bronze.sellers")), SELLERS)


dp.create_streaming_table(
    name="silver.sellers",
    comment=SELLERS.comment,
    schema=SELLERS.schema,
    cluster_by=["seller_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.sellers",
    source="sellers_valid",
    keys=list(SELLERS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
