"""What is told of a plan's columns without Sail is what Sail tells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.connect.proto import Relation

from local.engine.language.schemas import struct_of
from local.engine.sessions import sail as sail_server
from local.engine.sessions.client import ready
from local.engine.sessions.rewriting.types.plain_columns import plain_columns

SCHEMA = "id int, Name string, price decimal(8,2), at timestamp"


class LastPlan(grpc.UnaryUnaryClientInterceptor):
    """Keeps the last plan whose columns were asked for."""

    relation = Relation()

    def intercept_unary_unary(self, continuation: Callable, client_call_details: Any, request: Any) -> Any:
        if client_call_details.method.endswith("/AnalyzePlan") and request.HasField("schema"):
            self.relation = request.schema.plan.root
        return continuation(client_call_details, request)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFrame, LastPlan]:
    """Rows in a file, on a session whose plans are kept."""
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    channel, last = sail_server.channel(), LastPlan()
    channel.add_interceptor(last)
    session: SparkSession = ready(ConnectSession.builder.channelBuilder(channel).create())
    file: Path = tmp_path_factory.mktemp("plain") / "rows"
    session.sql("select 1 as id, 'a' as Name, 1.50BD as price, timestamp'2020-01-01' as at").write.parquet(
        str(file)
    )
    rows = session.read.schema(struct_of(SCHEMA)).parquet(str(file))
    return rows, last


CONDITIONS = (
    "Name = 'x'",
    "id >= 2",
    "(id IS NULL) AND (Name RLIKE '^(a|b)$') or (coalesce(price BETWEEN -1 AND 2, false))",
)
FRAMES: dict[str, Callable[[DataFrame], DataFrame]] = {
    "texts": lambda rows: rows.select(
        F.btrim("Name").alias("a"), F.concat(F.lit("x"), "Name").alias("b"), F.lpad("Name", 3, "0").alias("c")
    ),
    "structs": lambda rows: rows.select(F.struct("id", F.lit("x").alias("y")).alias("s")),
    "an array of structs": lambda rows: rows.select(
        F.array(F.struct(F.lit(1).alias("n")), F.struct(F.lit(2).alias("n"))).alias("each")
    ).select(F.inline("each")),
    "numbers": lambda rows: rows.select(
        F.hash("Name").alias("h"),
        F.col("id").cast("decimal(20,0)").alias("d"),
        F.nullif("id", F.lit(2)).alias("n"),
    ),
    "times": lambda rows: rows.select(
        F.coalesce("at", F.timestamp_seconds(F.lit(0))).alias("t"), F.current_timestamp().alias("now")
    ),
    "windows": lambda rows: rows.select(
        F.row_number().over(Window.partitionBy("id").orderBy("at")).alias("n"),
        F.max("Name").over(Window.partitionBy("id")).alias("most"),
        F.sum("id").over(Window.partitionBy("id")).alias("sum"),
    ),
    "the rows beside one": lambda rows: rows.select(
        *(
            call(name).over(Window.partitionBy("id").orderBy("at")).alias(name)
            for name in rows.columns
            for call in (F.lag, F.lead)
        ),
        F.percent_rank().over(Window.orderBy("at")).alias("share"),
    ),
    "what raises an error at some values": lambda rows: rows.select(F.initcap("Name").alias("town")),
    "facts of files": lambda rows: rows.select(F.struct("id", "Name").alias("_metadata")).select(
        F.col("_metadata.Name").alias("file")
    ),
    "conditions in SQL": lambda rows: rows.select(
        *(F.expr(text).alias(f"c{number}") for number, text in enumerate(CONDITIONS)),
        F.coalesce(F.expr("Name = 'x'"), F.lit(False)).alias("c"),
    ),
    "days": lambda rows: rows.select(F.to_date("at").alias("a"), F.trunc("at", "month").alias("b")),
    "a mean": lambda rows: rows.select(F.avg("id").alias("a")),
    "a mean of doubles": lambda rows: rows.select(F.avg(F.col("id").cast("double")).alias("a")),
    "groups": lambda rows: rows.groupBy("id").agg(F.count("*").alias("n"), F.max("at").alias("last")),
    "drop": lambda rows: rows.drop("name", F.col("id")),
    "a join by a name": lambda rows: rows.join(rows.select("ID", F.lit("x").alias("more")), ["id"]),
    "a full join by names": lambda rows: rows.join(
        rows.select("at", "id", F.lit(1).alias("z")), ["at", "id"], "full_outer"
    ),
    "a join by a condition": lambda rows: rows.join(
        rows.select(F.col("id").alias("other")), F.col("id") == F.col("other"), "right"
    ),
    "a half join": lambda rows: rows.join(rows.select("id"), ["id"], "left_anti"),
    "a half join by a later column": lambda rows: rows.join(rows.select("at"), ["at"], "left_semi"),
    "a half join by a condition": lambda rows: rows.join(
        rows.select(F.col("id").alias("other")), F.col("id") == F.col("other"), "left_semi"
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_the_columns_are_those_that_sail_tells(asked: tuple[DataFrame, LastPlan], name: str) -> None:
    rows, last = asked
    told = FRAMES[name](rows).schema
    found = plain(last.relation)
    assert found is not None
    assert [(one.name, one.dataType.simpleString()) for one in found] == [
        (one.name, one.dataType.simpleString()) for one in told
    ]


@pytest.mark.parametrize(
    "of",
    [
        lambda rows: rows.select(F.struct("ID")),
        lambda rows: rows.join(rows.select(F.col("id").cast("bigint").alias("id")), ["id"]),
        lambda rows: rows.alias("t").drop(F.col("t.id")),
        lambda rows: rows.select(F.struct("id").alias("t")).select(F.col("t.id").alias("one")),
        lambda rows: rows.select(F.avg("price").alias("mean")),
        lambda rows: rows.select(F.expr("(id + 1) * (id + 2)").alias("product")),
        lambda rows: rows.select(F.expr("abs(id)").alias("size")),
    ],
)
def test_what_only_sail_knows_is_asked(
    asked: tuple[DataFrame, LastPlan], of: Callable[[DataFrame], DataFrame]
) -> None:
    rows, last = asked
    assert of(rows).schema
    assert plain(last.relation) is None


def plain(relation: Relation) -> Any:
    return plain_columns(relation, lambda input: plain(input) or [])
