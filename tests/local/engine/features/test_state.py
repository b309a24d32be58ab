"""Streams with state: Apache Spark computes them, Sail alone refuses them by name."""

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.java import need_java
from tests.local.engine.project import Project

CODE = """
        def new(name):
            schema = "id INT, at TIMESTAMP"
            return spark.readStream.format("json").schema(schema).load(f"/Volumes/main/shop/files/{name}")

        @dp.table
        def once():
            return new("a").dropDuplicates(["id"])

        @dp.table
        def hours():
            return new("a").withWatermark("at", "1 hour").groupBy(F.window("at", "1 hour")).count()
"""
JOIN = """
CREATE STREAMING TABLE b AS SELECT * FROM STREAM read_files(
    '/Volumes/main/shop/files/b', format => 'json', schema => 'id INT, at TIMESTAMP');
CREATE STREAMING TABLE both AS SELECT a.id FROM STREAM(once) a JOIN STREAM(b) b ON a.id = b.id;
"""


def write(project: Project) -> None:
    project.write("transformations/a.py", CODE)
    project.write("transformations/b.sql", JOIN)
    project.volume(
        "shop/files/a/1.json",
        '{"id": 1, "at": "2018-01-01 00:10:00"}\n{"id": 1, "at": "2018-01-01 05:00:00"}\n',
    )
    project.volume("shop/files/b/1.json", '{"id": 1}\n')


@pytest.mark.lakeflow(
    "dropDuplicates and distinct on a stream",
    "withWatermark",
    "stream-stream join",
    engines=("spark",),
)
def test_they_run_on_spark(project: Project) -> None:
    need_java()
    write(project)
    assert project.run().engine == "spark"
    project.volume("shop/files/a/2.json", '{"id": 1, "at": "2018-01-01 09:00:00"}\n{"id": 2}\n')
    project.volume("shop/files/b/2.json", '{"id": 2}\n')
    project.run()
    assert project.rows("SELECT id FROM shop.once ORDER BY id") == [(1,), (2,)]
    assert project.rows("SELECT id FROM shop.both ORDER BY id") == [(1,), (2,)]
    assert project.rows("SELECT min(count) FROM shop.hours") == [(1,)]


def test_sail_alone_names_each(project: Project) -> None:
    write(project)
    with pytest.raises(UserError) as raised:
        project.run(engine="sail")
    for name in ("once: dropDuplicates of a stream", "hours: a watermark"):
        assert name in str(raised.value)


@pytest.mark.parametrize("expectation", ["", '@dp.expect("there", "id IS NOT NULL")'])
def test_state_of_a_view_is_that_of_its_reader(project: Project, expectation: str) -> None:
    code = f"""
        @dp.view
        {expectation}
        def seen():
            return new("a").dropDuplicates(["id"])

        @dp.table
        def in_python():
            return spark.readStream.table("seen")
        """
    project.write("transformations/a.py", CODE.partition("        @dp.table")[0] + code)
    project.write("transformations/b.sql", "CREATE STREAMING TABLE in_sql AS SELECT * FROM STREAM(seen)")
    project.volume("shop/files/a/1.json", '{"id": 1}\n')
    with pytest.raises(UserError) as raised:
        project.run(engine="sail")
    for name in ("in_python", "in_sql"):
        assert f"shop.{name}: dropDuplicates of a stream" in str(raised.value)


@pytest.mark.lakeflow("aggregation of a stream")
def test_an_aggregate_is_of_all_rows_that_the_stream_gave(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.sql",
        """
        CREATE STREAMING TABLE raw AS SELECT * FROM STREAM read_files(
            '/Volumes/main/shop/files/a', format => 'json', schema => 'id INT, n INT');
        CREATE STREAMING TABLE sums AS SELECT id, sum(n) AS total FROM STREAM(raw) GROUP BY id;
        """,
    )
    project.write(
        "transformations/b.py",
        """
        @dp.table
        def counts():
            return spark.readStream.table("raw").groupBy().count()
        """,
    )
    first = project.volume("shop/files/a/1.json", '{"id": 1, "n": 1}\n{"id": 2, "n": 2}\n')
    project.run(engine=engine)
    first.unlink()
    project.volume("shop/files/a/2.json", '{"id": 1, "n": 10}\n')
    assert project.run(engine=engine).engine == engine
    assert project.rows("SELECT * FROM shop.sums ORDER BY id") == [(1, 11), (2, 2)]
    assert project.rows("SELECT * FROM shop.counts") == [(3,)]
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.counts") == [(3,)]
