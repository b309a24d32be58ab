"""Relations, forms of SQL and settings that Sail would answer otherwise than Spark."""

from collections.abc import Callable

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from local.engine.sessions.errors import NeedsSpark, need_behind
from local.engine.sessions.rewriting.settings import check_set_statement, check_setting
from local.engine.sessions.rewriting.texts.only_on_spark import check_forms
from tests.local.engine.sessions.answers import as_sail_takes_it

Query = Callable[[DataFrame], object]


@pytest.fixture
def rows(sail: SparkSession) -> DataFrame:
    return sail.createDataFrame([(1, "a", 2.5), (2, None, None)], "id int, Name string, price double")


@pytest.mark.parametrize(
    ("renamed", "columns"),
    [
        (lambda rows: rows.withColumnRenamed("ID", "key"), ["key", "Name", "price"]),
        (
            lambda rows: rows.withColumnsRenamed({"NAME": "who", "none": "x", "id": "n"}),
            ["n", "who", "price"],
        ),
        (
            lambda rows: rows.withColumnRenamed("ID", "a b").withColumnRenamed("A B", "c"),
            ["c", "Name", "price"],
        ),
        (lambda rows: rows.join(rows.withColumnRenamed("id", "ID"), "Id").select("*"), 5),
    ],
)
def test_names_may_be_in_other_letters(rows: DataFrame, renamed: Query, columns: list[str] | int) -> None:
    found = renamed(rows)
    assert isinstance(found, DataFrame)
    if isinstance(columns, int):
        assert (found.columns[0], len(found.columns)) == ("id", columns)
    else:
        assert found.columns == columns
        assert found.where(F.col(columns[0]) == 1).count() == 1


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (lambda rows: rows.crosstab("id", "Name").schema, "crosstab"),
        (lambda rows: rows.corr("id", "price"), "DataFrame.corr"),
        (lambda rows: rows.cov("id", "price"), "DataFrame.cov"),
        (lambda rows: rows.describe().where("summary = 'max'").schema, "describe"),
        (lambda rows: rows.summary("25%").collect(), "summary"),
        (lambda rows: rows.drop(F.col("b.price")).schema, "drop"),
        (
            lambda rows: rows.orderBy(F.desc("id")).where("id > 0").dropDuplicates(["Name"]).schema,
            "dropDuplicates behind orderBy",
        ),
        (lambda rows: rows.select(F.split("Name", "|")).schema, "split"),
        (lambda rows: rows.replace(2.5, 3).collect(), "replace"),
        (lambda rows: rows.replace(1, 9.5, ["id"]).collect(), "replace"),
        (
            lambda rows: (
                rows.selectExpr("struct(id) as s")
                .unionByName(rows.selectExpr("struct(id, name) as s"), allowMissingColumns=True)
                .collect()
            ),
            "union",
        ),
        (lambda rows: rows.selectExpr("array(id)").union(rows.selectExpr("array(9L)")).collect(), "union"),
        (
            lambda rows: rows.select(
                F.expr("count(id) over (order by id range between 1 preceding and current row)")
            ).collect(),
            "RANGE ... PRECEDING",
        ),
    ],
)
def test_what_has_no_other_form_goes_to_spark(rows: DataFrame, asked: Query, what: str) -> None:
    with pytest.raises(NeedsSpark) as need:
        asked(rows)
    assert need.value.function == what


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        (lambda rows: rows.replace({1: 7}), [7, 2]),
        (lambda rows: rows.orderBy("id").distinct().orderBy("id"), [1, 2]),
        (lambda rows: rows.drop(F.col("Name"), F.col("`a.b`"), rows.price), [1, 2]),
        (lambda rows: rows.select("id").union(rows.selectExpr("9L")), [1, 2, 9, 9]),
        (
            lambda rows: (
                rows.selectExpr("id", "struct(1 as a, 2 as b) as s")
                .unionByName(rows.selectExpr("struct(8 as b, 9 as a) as s", "id"))
                .select("s.a")
            ),
            [1, 1, 9, 9],
        ),
    ],
)
def test_what_sail_answers_as_spark_does_stays(
    rows: DataFrame, asked: Callable[[DataFrame], DataFrame], first: list[int]
) -> None:
    assert [row[0] for row in asked(rows).collect()] == first


def test_the_greatest_and_the_least_double_of_a_group(sail: SparkSession, rows: DataFrame) -> None:
    doubles = rows.selectExpr("id", "if(id = 1, double('-Infinity'), double('NaN')) as x")
    several = doubles.union(rows.selectExpr("2", "0D")).union(rows.selectExpr("3", "double('Infinity')"))
    expected = [(1, "-Infinity", "-Infinity"), (2, "NaN", "0.0"), (3, "Infinity", "Infinity")]
    texts = [f"cast({name} as string)" for name in ("max", "min")]
    found = several.groupBy("id").agg(F.max("x").alias("max"), F.min("x").alias("min"))
    assert found.orderBy("id").selectExpr("id", *texts).collect() == expected
    several.createOrReplaceTempView("several")
    query = "SELECT id, max(x) FILTER (WHERE x IS NOT NULL) AS max, min(x) AS min FROM several GROUP BY id"
    found = sail.sql(as_sail_takes_it(query, sail))
    assert found.orderBy("id").selectExpr("id", *texts).collect() == expected


def test_the_greatest_double_of_a_window_is_sails(sail: SparkSession, rows: DataFrame) -> None:
    rows.createOrReplaceTempView("windowed")
    over = "over (order by id rows between 1 preceding and current row)"
    query = f"SELECT max(price) {over} AS a FROM windowed"
    assert rows.select(F.expr(f"max(price) {over}")).collect() == [(2.5,), (2.5,)]
    windowed = F.max("price").over(Window.orderBy("id").rowsBetween(-1, 0))
    assert rows.select(windowed).collect() == [(2.5,), (2.5,)]
    found = sail.sql(as_sail_takes_it(query, sail))
    assert found.collect() == [(2.5,), (2.5,)]


def test_a_column_is_dropped_by_the_alias_of_its_frame(rows: DataFrame) -> None:
    other = rows.selectExpr("id", "upper(Name) as name")
    joined = rows.alias("a").join(other.alias("b"), F.expr("a.id = b.id"), "left")
    assert joined.drop(F.col("b.id"), F.col("A.name")).columns == ["id", "price", "name"]
    assert joined.where("price > 0").drop(F.col("a.name")).first() == (1, 2.5, 1, "A")
    with pytest.raises(NeedsSpark, match=r"frame of b\.id"):
        _ = joined.alias("all").drop(F.col("b.id")).schema


def test_fields_may_be_in_other_letters(rows: DataFrame) -> None:
    structs = rows.selectExpr("named_struct('Low', id, 'In', named_struct('X', 1, 'y', 2)) as s")
    anew = F.col("s").withField("low", F.lit(7)).dropFields("IN.x")
    assert structs.select(anew.alias("s")).first() == ((7, (2,)),)


@pytest.mark.parametrize(
    "asked",
    [
        lambda rows: rows.approxQuantile("id", [0.5], 0.0),
        lambda rows: rows.freqItems(["id"]).collect(),
        lambda rows: rows.transpose().collect(),
    ],
)
def test_a_kind_of_relation_that_sail_lacks_is_told_from_an_error(rows: DataFrame, asked: Query) -> None:
    with pytest.raises(PySparkException) as error:
        asked(rows)
    assert isinstance(need_behind(error.value), NeedsSpark)


@pytest.mark.parametrize(
    "query",
    [
        "select * from (select 1 a, 2 b) unpivot (v for k in (a, b))",
        "select * from t unpivot include nulls (v for k in (a))",
        "select * from t, lateral explode(t.xs) as q(x)",
        "select * from t left join lateral inline(xs)",
        "select sum(a) over (order by day range between interval 6 days preceding and current row) from t",
        "select sum(a) over w from t window w as (order by f(day) range 3 preceding)",
        "select a from t where (a, b) not in (select c, d from u)",
        "select a from t where not (a, f(b, 1)) in (with v as (select 1) select c, d from v)",
    ],
)
def test_forms_of_sql_that_go_to_spark(query: str) -> None:
    with pytest.raises(NeedsSpark):
        check_forms(query)


@pytest.mark.parametrize(
    "query",
    [
        "select 'unpivot (', `range` from t -- unpivot (",
        "select e from t lateral view explode(xs) q as e",
        "select * from t, lateral (select t.a * 2)",
        "select sum(a) over (order by b range between unbounded preceding and current row) from t",
        "select sum(a) over (order by b rows between 1 preceding and current row) from range(3)",
        "select a from t where a not in (select c from u) and f(a, b) in (select 1)",
        "select a from t where (a, b) in (select c, d from u) and a not in (1, 2)",
    ],
)
def test_forms_of_sql_that_stay(query: str) -> None:
    check_forms(query)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.ansi.enabled", "false"),
        ("spark.sql.caseSensitive", "TRUE"),
        ("spark.sql.legacy.timeParserPolicy", "LEGACY"),
        ("spark.sql.legacy.setopsPrecedence.enabled", "true"),
        ("spark.sql.jsonGenerator.ignoreNullFields", "false"),
        ("spark.sql.session.timeZone", "America/Sao_Paulo"),
    ],
)
def test_a_setting_that_sail_does_not_heed_goes_to_spark(sail: SparkSession, name: str, value: str) -> None:
    before = sail.conf.get(name, None)
    with pytest.raises(NeedsSpark, match="Sail"):
        sail.conf.set(name, value)
    with pytest.raises(NeedsSpark, match="Sail"):
        sail.sql(f"SET {name}={value}")
    assert sail.conf.get(name, None) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.ansi.enabled", "True"),
        ("spark.sql.shuffle.partitions", "8"),
        ("spark.sql.legacy.timeParserPolicy", "CORRECTED"),
        ("spark.sql.legacy.parquet.datetimeRebaseModeInRead", "LEGACY"),
        ("spark.sql.session.timeZone", "Etc/UTC"),
        ("shop.ansi", "false"),
    ],
)
def test_other_settings_stay(name: str, value: str) -> None:
    check_setting(name, value)
    check_set_statement(f"SET {name} = {value};")
