"""AUTO CDC from snapshots, by a name and by a function."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

NAMED = """
@dp.temporary_view
def now():
    return spark.read.schema("id INT, name STRING").option("header", True).csv("/Volumes/main/shop/files/now")

for number in (1, 2):
    dp.create_streaming_table(f"type_{number}")
    dp.create_auto_cdc_from_snapshot_flow(
        target=f"type_{number}", source="now", keys=["id"], stored_as_scd_type=number
    )
"""
GIVEN = """
import os

dp.create_streaming_table("history")

def next_snapshot(version):
    number = (version or 0) + 1
    path = f"FOLDER/{number}.csv"
    if not os.path.exists(path):
        return None
    return spark.read.schema("id INT, name STRING").csv(path), number

dp.create_auto_cdc_from_snapshot_flow(
    target="history", source=next_snapshot, keys=["id"], stored_as_scd_type=2
)
"""
SNAPSHOTS = "select id, name, __START_AT, __END_AT from shop.history order by 1, 3"


def test_a_named_snapshot_is_compared_with_what_was_there(project: Project) -> None:
    project.write("transformations/items.py", NAMED)
    project.volume("shop/files/now/now.csv", "id,name\n1,a\n2,b\n3,c\n")
    project.run()
    project.run()
    assert set(project.states().values()) == {"EXCLUDED"}
    project.volume("shop/files/now/now.csv", "id,name\n1,a\n2,b2\n4,d\n")
    project.run()
    assert project.rows("select * from shop.type_1 order by id") == [(1, "a"), (2, "b2"), (4, "d")]
    assert project.rows("select id, name from shop.type_2 where __END_AT is not null order by 1") == [
        (2, "b"),
        (3, "c"),
    ]
    both = "select count(distinct __START_AT), typeof(max(__START_AT)) from shop.type_2"
    assert project.rows(both) == [(2, "timestamp")]


def test_a_function_is_asked_until_it_gives_no_further_snapshot(project: Project) -> None:
    code = GIVEN.replace("FOLDER", str(project.root))
    project.write("transformations/history.py", code)
    project.write("1.csv", "1,a\n2,b\n")
    project.write("2.csv", "1,a\n2,c\n")
    project.run()
    assert project.rows(SNAPSHOTS) == [(1, "a", 1, None), (2, "b", 1, 2), (2, "c", 2, None)]
    project.write("3.csv", "2,c\n")
    project.run()
    later = [(1, "a", 1, 3), (2, "b", 1, 2), (2, "c", 2, None)]
    assert project.rows(SNAPSHOTS) == later
    project.run(full_refresh=True)
    assert project.rows(SNAPSHOTS) == later
    for number in (1, 2, 3):
        (project.root / f"{number}.csv").rename(project.root / f"{number}.kept")
    project.run(full_refresh=True)
    assert project.rows(SNAPSHOTS) == []
    (project.root / "1.kept").rename(project.root / "1.csv")
    project.run()
    assert project.rows(SNAPSHOTS) == [(1, "a", 1, None), (2, "b", 1, None)]


def test_a_stream_is_no_snapshot(project: Project) -> None:
    code = NAMED.replace("spark.read.", 'spark.readStream.format("csv").')
    project.write("transformations/items.py", code.replace(".csv(", ".load("))
    project.volume("shop/files/now/now.csv", "id,name\n1,a\n")
    with pytest.raises(UserError, match=r"items\.py:\d+: the view now is a stream: read it as one"):
        project.run()
