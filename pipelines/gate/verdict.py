"""utils.verdict: the reconciliation, if it may pass. Gold is written after this, and only then."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.utils import VERDICT
from pipelines.shared.rules import VERDICT_RULES


@dp.materialized_view(
    name="utils.verdict",
    comment=VERDICT.comment,
    schema=VERDICT.schema,
    table_properties={"quality": "quality"},
)
@dp.expect_all_or_fail(VERDICT_RULES.fail)
def verdict() -> DataFrame:
    """Every dataset that quality has reconciled."""
    return spark.read.table("utils.reconciliation")
