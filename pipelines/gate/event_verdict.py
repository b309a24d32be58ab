"""utils.event_verdict: the judgements of change events, if they may pass. Gold is written after this, and only then."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.utils import EVENT_VERDICT
from pipelines.shared.rules import EVENT_VERDICT_RULES


@dp.materialized_view(
    name="utils.event_verdict",
    comment=EVENT_VERDICT.comment,
    schema=EVENT_VERDICT.schema,
    table_properties={"quality": "quality"},
)
@dp.expect_all_or_fail(EVENT_VERDICT_RULES.fail)
def event_verdict() -> DataFrame:
    """Every table of change events."""
    return spark.read.table("utils.event_judgements")
