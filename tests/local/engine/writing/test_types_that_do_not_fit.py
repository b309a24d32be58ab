"""A type that would alter in silence what a query gives is refused, by `lakehouse check` and by the update."""

import pytest

from common.errors import UserError
from local.engine.checking.check import check
from tests.local.engine.project import Project

VIEW = """
@dp.materialized_view(schema="value {wanted}")
def prices():
    return spark.sql("select {given} as value")
"""
FLOWS = """
dp.create_streaming_table("prices")


@dp.append_flow(target="prices")
def whole():
    return spark.readStream.table("numbers").selectExpr("cast(id as int) as value")


@dp.append_flow(target="prices")
def broken():
    return spark.readStream.table("numbers").selectExpr("cast(id + 0.98 as decimal(12,2)) as value")


@dp.table
def numbers():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
    return files.load("/Volumes/main/shop/in")
"""


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("cast(41.98 as decimal(12,2))", "INT"),
        ("cast(41.98 as decimal(12,2))", "DECIMAL(12,1)"),
        ("cast(41.98 as double)", "DECIMAL(12,1)"),
        ("cast(41.98 as double)", "FLOAT"),
        ("timestamp'2026-01-01 10:00:00'", "DATE"),
        ("'41.98'", "DECIMAL(12,1)"),
        ("array(41.98)", "ARRAY<INT>"),
        ("named_struct('a', 41.98)", "STRUCT<a: INT>"),
        ("named_struct('a', 1, 'b', 2)", "STRUCT<b: INT, a: INT>"),
    ],
)
def test_a_value_that_would_be_altered_is_refused(project: Project, given: str, wanted: str) -> None:
    file = project.write("transformations/prices.py", VIEW.format(given=given, wanted=wanted))
    [finding] = check([project.spec], project.home)
    assert (finding.code, finding.place.file) == ("declared-column", file)
    with pytest.raises(UserError, match=rf"{file.name}:\d+: shop\.prices: value is .*, and its query gives"):
        project.run()


@pytest.mark.parametrize(
    ("given", "wanted", "written"),
    [
        ("cast(4 as int)", "BIGINT", "4"),
        ("cast(4 as bigint)", "INT", "4"),
        ("cast(4 as int)", "DECIMAL(12,2)", "4.00"),
        ("cast(41.98 as decimal(12,2))", "DECIMAL(22,2)", "41.98"),
        ("null", "DATE", "None"),
        ("4", "STRING", "4"),
    ],
)
def test_a_value_that_stays_as_it_is_is_taken(
    project: Project, given: str, wanted: str, written: str
) -> None:
    project.write("transformations/prices.py", VIEW.format(given=given, wanted=wanted))
    assert check([project.spec], project.home) == []
    project.run()
    assert [str(value) for (value,) in project.rows("select value from shop.prices")] == [written]


def test_a_whole_number_out_of_range_stops_the_update(project: Project) -> None:
    project.write("transformations/prices.py", VIEW.format(given="4000000000", wanted="INT"))
    with pytest.raises(UserError):
        project.run()


def test_flows_of_two_types_into_one_table_are_refused(project: Project) -> None:
    project.volume("shop/in/1.json", '{"id": 1}\n')
    project.write("transformations/prices.py", FLOWS)
    assert [finding.code for finding in check([project.spec], project.home)] == ["declared-column"]
    with pytest.raises(UserError, match=r"value is int, and its query gives decimal\(12,2\)"):
        project.run()
