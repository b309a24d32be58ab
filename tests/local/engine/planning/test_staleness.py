"""Only what can have changed runs."""

from pathlib import Path

import pytest

from common.errors import UserError
from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.planning.plan import Plan
from tests.local.engine.project import Project

SHOP = {
    "transformations/lines.py": """
        from pyspark import pipelines as dp

        from shop.names import FOLDER

        @dp.table(name="shop.lines")
        def lines():
            reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
            return reader.schema("id STRING, amount STRING").load(f"/Volumes/main/{FOLDER}")
    """,
    "transformations/totals.py": """
        from pyspark import pipelines as dp
        from pyspark.sql import functions as F

        @dp.temporary_view(name="amounts")
        def amounts():
            return spark.read.table("lines").select("id", F.col("amount").cast("int").alias("amount"))

        @dp.materialized_view(name="shop.totals")
        def totals():
            return spark.read.table("amounts").groupBy("id").agg(F.sum("amount").alias("total"))
    """,
    "transformations/places.py": """
        from pyspark import pipelines as dp

        @dp.materialized_view(name="shop.places")
        def places():
            return spark.range(3)
    """,
    "shop/__init__.py": "",
    "shop/names.py": 'FOLDER = "in/lines"',
    "shop/unused.py": "NOTHING = 1",
}


@pytest.fixture
def shop(project: Project) -> Project:
    """A shop that ran once."""
    for name, text in SHOP.items():
        project.write(name, text)
    project.volume("in/lines/1.json", '{"id": "a", "amount": "1"}\n')
    project.run()
    return project


def ran(project: Project, **options: bool | list[str]) -> set[str]:
    """The tables that an update wrote."""
    return {event.dataset for event in project.run(**options).datasets if event.state == "COMPLETED"}


def stale(project: Project) -> dict[str, str]:
    return Plan.of(project.spec, project.home).stale


def test_nothing_runs_when_nothing_has_changed(shop: Project) -> None:
    result = shop.run()
    assert {(event.dataset, event.state) for event in result.datasets} == {
        ("shop.lines", "EXCLUDED"), ("shop.totals", "EXCLUDED"), ("shop.places", "EXCLUDED"),
    }  # fmt: skip
    assert all("nothing that it depends on has changed since" in event.message for event in result.datasets)


def test_a_new_file_runs_what_reads_it(shop: Project) -> None:
    shop.volume("in/lines/2.json", '{"id": "a", "amount": "2"}\n')
    assert stale(shop) == {
        "shop.lines": f"the files below {shop.home.volumes}/in/lines have changed",
        "shop.totals": "it reads shop.lines, which runs",
    }
    assert ran(shop) == {"shop.lines", "shop.totals"}
    assert shop.rows("select * from shop.totals") == [("a", 3)]
    assert not stale(shop)


def test_changed_code_runs_what_it_defines(shop: Project) -> None:
    shop.write("transformations/places.py", SHOP["transformations/places.py"].replace("3", "4"))
    assert stale(shop) == {"shop.places": "transformations/places.py has changed"}
    assert ran(shop) == {"shop.places"}
    assert len(shop.rows("select * from shop.places")) == 4


def test_a_module_counts_for_what_imports_it(shop: Project) -> None:
    shop.write("shop/unused.py", "NOTHING = 2")
    assert not stale(shop)
    shop.write("shop/names.py", 'FOLDER = "in/lines"  # where they arrive')
    assert stale(shop)["shop.lines"] == "shop/names.py has changed"


def test_a_new_dataset_runs_and_one_that_is_gone_does_not_come_back(shop: Project) -> None:
    shop.write("transformations/more.py", SHOP["transformations/places.py"].replace("places", "more"))
    assert ran(shop) == {"shop.more"}
    (shop.root / "transformations/places.py").unlink()
    assert ran(shop) == set()


def test_a_file_that_comes_while_an_update_runs_is_new_to_the_next(project: Project) -> None:
    project.write("transformations/places.py", SHOP["transformations/places.py"])
    plan = Plan.of(project.spec, project.home)
    project.write("transformations/later.py", SHOP["transformations/places.py"].replace("places", "later"))
    plan.keep({}, whole=True)
    assert Plan.of(project.spec, project.home).new_files == ["transformations/later.py"]


def places(query: str) -> str:
    return SHOP["transformations/places.py"].replace("spark.range(3)", query)


def test_what_fails_runs_again(shop: Project) -> None:
    for _ in range(2):
        shop.write("transformations/places.py", places('spark.range(3).where("1 / (id - 1) > 0")'))
        with pytest.raises(UserError, match=r"places.py:\d+: shop\.places: "):
            shop.run()
    assert len(shop.rows("select * from shop.places")) == 3
    shop.write("transformations/places.py", places("spark.range(3)"))
    assert ran(shop) == set()
    shop.write("transformations/places.py", places("spark.range(4)"))
    assert ran(shop) == {"shop.places"}


def test_columns_of_another_type_and_name_take_the_place_of_those_before(shop: Project) -> None:
    shop.write("transformations/places.py", places('spark.range(1).selectExpr("string(id) as id", "2 as n")'))
    assert ran(shop) == {"shop.places"}
    assert shop.rows("select * from shop.places") == [("0", 2)]
    shop.write("transformations/places.py", places('spark.range(2).selectExpr("1 / id as m")'))
    with pytest.raises(UserError, match=r"(?i)divi.*zero"):
        shop.run()
    assert shop.rows("select * from shop.places") == [("0", 2)]


def test_a_table_that_something_else_changed_is_written_again(shop: Project, tmp_path: Path) -> None:
    log = next((shop.home.warehouse / "shop.db/places/_delta_log").glob("*1.json"))
    log.with_name("00000000000000000009.json").write_text(
        '{"commitInfo": {"timestamp": 1}}\n{"remove": {"path": "x", "dataChange": true}}\n'
    )
    assert stale(shop) == {"shop.places": "the table itself was changed by something else"}
    log.with_name("00000000000000000009.json").write_text(
        '{"commitInfo": {"timestamp": 1}}\n{"remove": {"path": "x", "dataChange": false}}\n'
    )
    assert not stale(shop)


def test_configuration_counts(shop: Project) -> None:
    spec = PipelineSpec("theirs", shop.root, ["transformations/**"], "main", "shop", {"shop.limit": "11"})
    assert set(Plan.of(spec, shop.home).stale.values()) == {"the configuration shop.limit has changed"}


def test_a_selected_table_runs_alone_and_the_others_are_not_forgotten(shop: Project) -> None:
    shop.volume("in/lines/2.json", '{"id": "a", "amount": "2"}\n')
    assert ran(shop, select=["shop.places"]) == {"shop.places"}
    assert set(stale(shop)) == {"shop.lines", "shop.totals"}
    assert ran(shop, select=["shop.lines"]) == {"shop.lines"}
    assert stale(shop) == {"shop.totals": "shop.lines, which it reads, has changed"}


def test_without_the_record_everything_runs(shop: Project) -> None:
    for content in ("", "{}", "[1]", '{"files": {}, "tables": {"shop.lines": {"code": 3}}}'):
        (shop.home.state / "ran/theirs.json").write_text(content)
        assert ran(shop) >= {"shop.totals", "shop.places"}


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ('spark.sql("select current_date() as day")', "current_date"),
        ('spark.range(1).select(F.current_timestamp().alias("at"))', "current_timestamp"),
        ('spark.range(1).selectExpr("uuid() as id")', "uuid"),
    ],
)
def test_what_cannot_be_followed_always_runs(project: Project, query: str, cause: str) -> None:
    project.write(
        "transformations/when.py",
        f"""
        from pyspark import pipelines as dp
        from pyspark.sql import functions as F

        @dp.materialized_view(name="shop.when")
        def when():
            return {query}
        """,
    )
    project.run()
    assert stale(project) == {"shop.when": f"it depends on what cannot be followed: {cause}"}
    assert ran(project) == {"shop.when"}


@pytest.mark.parametrize("expectation", ["", '@dp.expect("there", "at IS NOT NULL")'])
@pytest.mark.parametrize("query", ['spark.read.table("clock")', 'spark.sql("select * from clock")'])
def test_the_clock_of_a_view_counts_for_its_reader(project: Project, expectation: str, query: str) -> None:
    project.write(
        "transformations/when.py",
        f"""
        @dp.temporary_view
        {expectation}
        def clock():
            return spark.range(1).select(F.current_timestamp().alias("at"))

        @dp.materialized_view
        def when():
            return {query}
        """,
    )
    project.run()
    assert stale(project) == {"shop.when": "it depends on what cannot be followed: current_timestamp"}


def test_a_sql_file_runs_when_what_it_reads_has_changed(shop: Project) -> None:
    sql = "CREATE MATERIALIZED VIEW doubled AS SELECT id, 2 * total AS total FROM totals"
    shop.write("transformations/doubled.sql", sql)
    assert ran(shop) == {"shop.doubled"}
    assert ran(shop) == set()
    shop.volume("in/lines/2.json", '{"id": "a", "amount": "2"}\n')
    assert "shop.doubled" in ran(shop)
    assert shop.rows("select * from shop.doubled") == [("a", 6)]


FLOWS = """
    from pyspark import pipelines as dp

    dp.create_streaming_table(name="shop.all")

    def rows_of(folder):
        @dp.append_flow(target="shop.all", name=f"all_{folder}")
        def rows():
            reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
            return reader.schema("id STRING").load(f"/Volumes/main/in/{folder}")

    rows_of("a")
    rows_of("b")
"""


def test_of_several_flows_into_a_table_those_run_that_have_something_to_read(project: Project) -> None:
    project.write("transformations/all.py", FLOWS)
    project.volume("in/a/1.json", '{"id": "a1"}\n')
    project.volume("in/b/1.json", '{"id": "b1"}\n')
    project.run()
    project.volume("in/a/2.json", '{"id": "a2"}\n')
    project.run()
    assert project.rows("select id from shop.all order by id") == [(each,) for each in ("a1", "a2", "b1")]
    project.volume("in/b/2.json", '{"id": "b2"}\n')
    assert [event.rows for event in project.run().datasets] == [1]
    assert project.rows("select id from shop.all order by id") == [
        (each,) for each in ("a1", "a2", "b1", "b2")
    ]
    assert not stale(project)
    project.write("transformations/all.py", f"{FLOWS}\n    rows_of('c')\n")
    project.volume("in/c/1.json", '{"id": "c1"}\n')
    project.run()
    assert len(project.rows("select * from shop.all")) == 5


def test_a_commit_that_was_cut_short_is_named(shop: Project) -> None:
    commit = max((shop.home.warehouse / "shop.db" / "lines" / "_delta_log").glob("*.json"))
    commit.write_text(commit.read_text()[:-20])
    with pytest.raises(UserError, match=rf"{commit.name} is cut short: .* run a full refresh"):
        shop.run()


def test_a_home_that_was_moved_is_as_before(shop: Project) -> None:
    moved = shop.home.path.rename(shop.home.path.with_name("elsewhere"))
    shop.home = Home(moved)
    assert not stale(shop)
    shop.volume("in/lines/2.json", '{"id": "b", "amount": "2"}\n')
    shop.run()
    assert shop.rows("select id from shop.lines order by id") == [("a",), ("b",)]
