"""Plans and SQL text that are written anew for Sail."""

from decimal import Decimal

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import Column, SparkSession, Window
from pyspark.sql import functions as F

from local.engine.sessions.rewriting.texts.sql_text import rewritten_sql

DAYS = "cast(`datediff`({}, {}) as int)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 'datediff(a, b)' from t", "select 'datediff(a, b)' from t"),
        (
            "select DateDiff (a, b) from t -- datediff(a, b)",
            f"select {DAYS.format('a', 'b')} from t -- datediff(a, b)",
        ),
        ("select x.datediff(a, b), `datediff`(a, b)", "select x.datediff(a, b), `datediff`(a, b)"),
        (
            "datediff(f(a, array(1, 2)[0]), 'ção')  > 3",
            DAYS.format("f(a, array(1, 2)[0])", "'ção'") + "  > 3",
        ),
        ("datediff(datediff(a, b), c)", DAYS.format(DAYS.format("a", "b"), "c")),
        ("é = datediff(month, a, b)", "é = datediff(month, a, b)"),
    ],
)
def test_only_calls_of_functions_with_a_rule_change_in_text(text: str, expected: str) -> None:
    assert rewritten_sql(text) == expected
    assert rewritten_sql(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "weekday()",
        "weekday(a, 2)",
        "to_json()",
        "max_by(a)",
        "date_part(a)",
        "datediff(a)",
        "nullif(a)",
    ],
)
def test_a_call_with_too_few_or_too_many_arguments_is_the_engines_error(
    sail: SparkSession, text: str
) -> None:
    with pytest.raises(PySparkException):
        sail.sql(f"select {text} from values (1) as t(a)").collect()
    with pytest.raises(PySparkException):
        sail.createDataFrame([(1,)], "a int").selectExpr(text).collect()


@pytest.mark.parametrize(
    ("column", "name", "value"),
    [
        (F.initcap("place"), "initcap(place)", "São-joão Del-rei"),
        (F.upper(F.initcap("place")), "upper(initcap(place))", "SÃO-JOÃO DEL-REI"),
        (F.initcap("place").alias("name"), "name", "São-joão Del-rei"),
        (F.expr("initcap(place) as name"), "name", "São-joão Del-rei"),
        (
            F.coalesce(F.initcap(F.col("place")), F.lit("x")),
            "coalesce(initcap(place), x)",
            "São-joão Del-rei",
        ),
        (F.max(F.initcap("place")), "max(initcap(place))", "São-joão Del-rei"),
    ],
)
def test_a_column_keeps_its_name(sail: SparkSession, column: Column, name: str, value: str) -> None:
    frame = sail.createDataFrame([("SÃO-joão del-rei",)], "place string").select(column)
    assert frame.columns == [name]
    assert frame.collect() == [(value,)]


def test_calls_are_found_wherever_a_plan_has_expressions(sail: SparkSession) -> None:
    frame = sail.createDataFrame([("del-rei", "2018-01-01")], "place string, day string")
    place = F.initcap("place")
    assert frame.where(place == "Del-rei").count() == 1
    assert frame.groupBy(place).agg(F.count_if(place == "Del-rei").alias("n")).collect() == [("Del-rei", 1)]
    assert (
        frame.join(sail.createDataFrame([("Del-rei",)], "name string"), place == F.col("name")).count() == 1
    )
    assert frame.withColumn("place", place).collect() == [("Del-rei", "2018-01-01")]
    assert frame.orderBy(place).select("place").collect() == [("del-rei",)]
    frame.createOrReplaceTempView("places")
    assert sail.sql("select initcap(place) as name from places").collect() == [("Del-rei",)]
    assert sail.sql("with p as (select initcap(place) as n from {f}) select n from p", f=frame).collect() == [
        ("Del-rei",)
    ]


def test_a_column_is_what_the_plan_says_now_and_not_what_its_name_was_before(sail: SparkSession) -> None:
    numbers = sail.range(2).withColumn("id", F.col("id").cast("double"))
    assert [row.text for row in numbers.select(F.col("id").cast("string").alias("text")).collect()] == [
        "0.0",
        "1.0",
    ]


def test_a_view_made_anew_has_its_own_types(sail: SparkSession) -> None:
    text = sail.table("made_anew").select(F.col("n").cast("string"))
    for query, expected in (("select 1 as n", "1"), ("select 1e20d as n", "1.0E20")):
        sail.sql(query).createOrReplaceTempView("made_anew")
        assert text.toArrow().to_pylist() == [{"n": expected}]


def test_windows_lambdas_and_unions_of_columns_are_written_anew(sail: SparkSession) -> None:
    frame = sail.sql("select * from values (1, 2L, 1.50), (2, 9223372036854775807L, 2.00) as t(id, n, price)")
    over = Window.partitionBy("id")
    assert frame.select(F.sum("n").over(over)).orderBy("sum(n)").collect() == [(2,), (9223372036854775807,)]
    thirds = F.transform(F.array(F.array("price")), lambda x: F.transform(x, lambda y: y / 3))
    assert frame.where("id = 1").select(thirds).collect() == [([[Decimal("0.500000")]],)]
    union = frame.select("id", "n").unionByName(
        sail.sql("select 2.5D as n, 'x' as more"), allowMissingColumns=True
    )
    assert union.schema.simpleString() == "struct<id:int,n:double,more:string>"
    assert union.where("more is not null").collect() == [(None, 2.5, "x")]
    for wrong in (
        frame.select(F.sum("n").over(Window.orderBy(F.lit(1)))),
        frame.select(F.transform(F.array(F.array("n")), lambda x: F.transform(x, lambda y: y + F.col("id")))),
    ):
        with pytest.raises(PySparkException):
            wrong.collect()
