"""A home in a folder whose name has more than letters: no row is lost on the way through its tables."""

import json
from pathlib import Path

from tests.local.engine.project import Project

PIPELINE = """
@dp.table
def events():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT, seq INT, op STRING")
        .load("/Volumes/main/shop/files/events")
    )

@dp.table
def appended():
    return spark.readStream.table("events")

@dp.materialized_view
def counted():
    return spark.read.table("appended").groupBy("op").count()

dp.create_streaming_table("now")
dp.create_auto_cdc_flow(
    target="now", source="events", keys=["id"], sequence_by="seq", apply_as_deletes="op = 'D'",
    except_column_list=["op"])
"""


def test_every_row_is_read(tmp_path: Path) -> None:
    project = Project(tmp_path / "Ana's Büro #1, 50+")
    project.write("transformations/a.py", PIPELINE)
    deliveries = [[(1, 1, "I"), (2, 2, "I"), (3, 3, "I")], [(1, 4, "D"), (2, 5, "I")]]
    for number, events in enumerate(deliveries):
        lines = [json.dumps({"id": id, "seq": seq, "op": op}) for id, seq, op in events]
        project.volume(f"shop/files/events/{number}.json", "\n".join(lines))
        project.run(engine="sail")
    assert project.rows("SELECT op, count FROM shop.counted ORDER BY op") == [("D", 1), ("I", 4)]
    assert project.rows("SELECT id, seq FROM shop.now ORDER BY id") == [(2, 5), (3, 3)]
