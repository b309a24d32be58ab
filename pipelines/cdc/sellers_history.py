"""cdc.sellers_history: every version of the sellers, and from which event to which it was valid."""

from pyspark import pipelines as dp
from pyspark.sql import functions as F

from pipelines.schemas.cdc import EVENT_ONLY_COLUMNS, SELLERS_HISTORY
from pipelines.shared.table_properties import cdc_target

dp.create_streaming_table(
    name="cdc.sellers_history",
    comment=SELLERS_HISTORY.comment,
    schema=SELLERS_HISTORY.schema,
    cluster_by=["seller_id"],
    table_properties=cdc_target("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="cdc.sellers_history",
    source="cdc.sellers_changes",
    keys=["seller_id"],
    sequence_by=F.col("sequence_number"),
    apply_as_deletes=F.expr("operation = 'DELETE'"),
    except_column_list=EVENT_ONLY_COLUMNS,
    stored_as_scd_type=2,
    # The time of a change is no property of the entity: an event that changes nothing else opens no version.
    track_history_except_column_list=["change_timestamp"],
)
