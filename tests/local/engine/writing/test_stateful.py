"""Streams that remember rows of earlier updates, which Apache Spark runs."""

import shutil

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

CODE = """
@dp.table
def raw():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema("id INT, name STRING")
        .load("/Volumes/main/shop/files/raw")
    )

@dp.table
def by_id():
    return spark.readStream.table("raw").dropDuplicates(["id"])

@dp.materialized_view
def counted():
    return spark.read.table("by_id").groupBy().count()
"""
WHY = "dropDuplicates of a stream: it remembers rows of earlier updates, which Sail does not"


def test_sail_alone_refuses_them_and_says_what_to_do(project: Project) -> None:
    project.write("transformations/raw.py", CODE)
    project.volume("shop/files/raw/a.csv", "1,a\n")
    with pytest.raises(UserError, match=rf"raw\.py:\d+: shop\.by_id: {WHY}; run it on Apache Spark"):
        project.run(engine="sail")


@pytest.mark.skipif(not shutil.which("java"), reason="Apache Spark needs Java")
def test_they_run_on_spark_with_what_comes_after_them(project: Project) -> None:
    project.write("transformations/raw.py", CODE)
    project.volume("shop/files/raw/a.csv", "1,a\n2,b\n2,b\n")
    result = project.run()
    [told] = [event.message for event in project.events if not event.dataset]
    assert told.startswith("the rest runs on Apache Spark: ") and WHY in told and result.engine == "spark"
    project.volume("shop/files/raw/b.csv", "2,b\n3,c\n")
    project.run()
    assert project.rows("select id from shop.by_id order by 1") == [(1,), (2,), (3,)]
    assert project.rows("select count from shop.counted") == [(3,)]
    assert project.run().seconds < 1
    project.run(full_refresh=True, engine="spark")
    assert project.rows("select id from shop.by_id order by 1") == [(1,), (2,), (3,)]
