"""privacy.erasures: by which ids the erased are known."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.privacy import ERASURES
from pipelines.shared.rules import PRIVACY_RULES


@dp.materialized_view(
    name="privacy.erasures",
    comment=ERASURES.comment,
    schema=ERASURES.schema,
    table_properties={"quality": "control"},
)
@dp.expect_all_or_fail(PRIVACY_RULES["erasures"].fail)
def erasures() -> DataFrame:
    """Every line of every request that is there: a request whose file is deleted is withdrawn."""
    return (
        spark.read.format("json")
        .schema("request_id STRING, requested_at TIMESTAMP, reason STRING, digest STRING")
        .load(spark.conf.get("olist.erasures_path"))
    )
