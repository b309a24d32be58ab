"""utils.judgements: by which rules each row of bronze was judged when silver took it or not."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas import bronze
from pipelines.schemas.utils import JUDGEMENTS
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.table_properties import streaming

dp.create_streaming_table(
    name="utils.judgements",
    comment=JUDGEMENTS.comment,
    schema=JUDGEMENTS.schema,
    table_properties=streaming("quality", spark.conf.get),
)


def judge(name: str) -> None:
    """Adds the flow of the rows of bronze's `name`."""

    # In silver's own pipeline: the same code judges a row there and says here which code that was.
    @dp.append_flow(target="utils.judgements", name=f"judged_{name}")
    def judged() -> DataFrame:
        return (
            skip_change_commits(spark.readStream)
            .table(f"bronze.{name}")
            .select(
                F.lit(f"silver.{name}").alias("dataset"), F.lit(rules_version(name)).alias("rules_version")
            )
        )


for table in bronze.TABLES:
    judge(table.short_name)
