"""cdc.sellers: the sellers as they are now, the deleted ones left out."""

from pyspark import pipelines as dp
from pyspark.sql import functions as F

from pipelines.schemas.cdc import EVENT_ONLY_COLUMNS, SELLERS
from pipelines.shared.table_properties import cdc_target

dp.create_streaming_table(
    name="cdc.sellers",
    comment=SELLERS.comment,
    schema=SELLERS.schema,
    cluster_by=["seller_id"],
    table_properties=cdc_target("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="cdc.sellers",
    source="cdc.sellers_changes",
    keys=["seller_id"],
    sequence_by=F.col("sequence_number"),
    apply_as_deletes=F.expr("operation = 'DELETE'"),
    except_column_list=EVENT_ONLY_COLUMNS,
    stored_as_scd_type=1,
)
