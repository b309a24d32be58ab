"""cdc.products_history: every version of the products, and from which event to which it was valid."""

from pyspark import pipelines as dp
from pyspark.sql import functions as F

from pipelines.schemas.cdc import EVENT_ONLY_COLUMNS, PRODUCTS_HISTORY
from pipelines.shared.table_properties import cdc_target

dp.create_streaming_table(
    name="cdc.products_history",
    comment=PRODUCTS_HISTORY.comment,
    schema=PRODUCTS_HISTORY.schema,
    cluster_by=["product_id"],
    table_properties=cdc_target("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="cdc.products_history",
    source="cdc.products_changes",
    keys=["product_id"],
    sequence_by=F.col("sequence_number"),
    apply_as_deletes=F.expr("operation = 'DELETE'"),
    except_column_list=EVENT_ONLY_COLUMNS,
    stored_as_scd_type=2,
    # The time of a change is no property of the entity: an event that changes nothing else opens no version.
    track_history_except_column_list=["change_timestamp"],
)
