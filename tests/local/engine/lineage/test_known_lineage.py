"""What an update takes of the lineage that one before it told, and what it tells anew."""

import json

import pytest

from local.engine.lineage.plan_digest import lineage_digest
from tests.local.engine.lineage.told import told_of
from tests.local.engine.project import Project

PEOPLE = """
@dp.temporary_view
@dp.expect_or_drop("has id", "{rule}")
def seen():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
    return files.schema("id INT, at INT, name STRING, town STRING").load("/Volumes/main/shop/files/people")


dp.create_streaming_table("people")
dp.create_auto_cdc_flow(target="people", source="seen", keys=["id"], sequence_by="{sequence}")


@dp.table
def names():
    rows = spark.readStream.option("skipChangeCommits", "true").table("people")
    return rows.selectExpr("id", "{name} as name")


@dp.materialized_view
def pairs():
    left, right = spark.read.table("people"), spark.read.table("people")
    return left.join(right, left.id == right.at).select({side}.id)
"""
CODE = {"rule": "id > 0", "sequence": "at", "name": "upper(name)", "side": "left"}
# As no plan says it: what is shown of it later was not found anew.
MARKED = {"columns": {"marked": {"uses": {}}}, "rows": {"uses": {}}, "sources": []}


def delivered(project: Project, number: int, **code: str) -> None:
    project.volume(f"shop/files/people/{number}.csv", f"id,at,name,town\n{number},{number},a,b\n")
    project.write("transformations/a.py", PEOPLE.format(**{**CODE, **code}))
    project.run(engine="sail")


def mark(project: Project) -> None:
    """Puts something else in the place of each lineage that is known."""
    file = project.home.state / "lineage" / "theirs.json"
    tables = json.loads(file.read_text())
    for table in tables:
        table["flows"] = {
            flow: {**MARKED, "made_from": told["made_from"]} for flow, told in table["flows"].items()
        }
    file.write_text(json.dumps(tables))


def test_a_delivery_finds_no_lineage_anew(project: Project) -> None:
    delivered(project, 1)
    mark(project)
    delivered(project, 2)
    assert [[*told_of(project, name)] for name in ("people", "names", "pairs")] == [["marked", "rows"]] * 3


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({"name": "concat(name, town)"}, {"names"}),
        ({"side": "right"}, {"pairs"}),
        ({"sequence": "named_struct('a', at, 'b', town)"}, {"people"}),
        ({"rule": "id > 0 and town != 'x'"}, {"people"}),
    ],
)
def test_code_that_differs_is_told_anew(project: Project, changed: dict[str, str], anew: set[str]) -> None:
    delivered(project, 1)
    mark(project)
    if "sequence" in changed:
        project.write("transformations/a.py", PEOPLE.format(**{**CODE, **changed}))
        project.run(engine="sail", full_refresh=True)
    delivered(project, 2, **changed)
    found = {name: told_of(project, name) for name in ("people", "names", "pairs")}
    assert {name for name, told in found.items() if "marked" not in told} == anew
    delivered_anew = Project(project.root.parent / "again")
    delivered(delivered_anew, 1, **changed)
    assert {name: found[name] for name in anew} == {name: told_of(delivered_anew, name) for name in anew}


def test_columns_of_a_source_that_differ_are_told_anew(project: Project) -> None:
    def run(values: str) -> None:
        project.write(
            "transformations/a.sql",
            f"CREATE MATERIALIZED VIEW made AS SELECT * FROM VALUES {values};"
            "CREATE MATERIALIZED VIEW taken AS SELECT * FROM made",
        )
        project.run(engine="sail")

    run("(1, 'a') AS t(id, name)")
    run("(2, 'b') AS t(id, title)")
    assert told_of(project, "taken") == {
        "id": {"made.id IDENTITY"},
        "title": {"made.title IDENTITY"},
        "rows": set(),
    }


def test_a_digest_tells_apart_which_frame_is_meant() -> None:
    first = lineage_digest(['plan_id: 5\nplan_id: 6\nplan_id: 5\npaths: "/a"\n'])
    assert first == lineage_digest(['plan_id: 8\nplan_id: 9\nplan_id: 8\npaths: "/b"\n  paths: "/c"\n'])
    assert first != lineage_digest(["plan_id: 8\nplan_id: 9\nplan_id: 9\n"])
    view = "__read_" + "0" * 32
    assert lineage_digest([view, view]) == lineage_digest(2 * ["__read_" + "1" * 32])
    assert lineage_digest([view, view]) != lineage_digest([view, "__read_" + "1" * 32])
