"""Old files go, rows stay, and nothing becomes stale."""

from local.engine.planning.plan import Plan
from local.engine.running.vacuum import vacuum
from tests.local.engine.project import Project

VIEW = """
@dp.materialized_view
def n():
    return spark.range({rows})
"""
CHANGES = """
dp.create_streaming_table("items")
dp.create_auto_cdc_flow("items", "events", keys=["id"], sequence_by="n")

@dp.temporary_view
def events():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT, n INT")
        .load("/Volumes/main/shop/files/events")
    )
"""


def test_files_of_old_versions_go_and_the_table_stays(project: Project) -> None:
    for rows in (1000, 2000):
        project.write("transformations/n.py", VIEW.format(rows=rows))
        project.run()
    [kept] = vacuum(project.home, 7)
    assert (kept.name, kept.bytes_now) == ("shop.n", kept.bytes_before)
    [freed] = vacuum(project.home, 0)
    assert freed.bytes_now < freed.bytes_before
    assert project.rows("select count(*) from shop.n") == [(2000,)]
    assert Plan.of(project.spec, project.home).nothing_stale


def test_auto_cdc_goes_on_after_a_clean_up(project: Project) -> None:
    project.write("transformations/items.py", CHANGES)
    for n in (3, 4):
        project.volume(f"shop/files/events/{n}.json", f'{{"id": 1, "n": {n}}}\n')
        project.run()
    vacuum(project.home, 0)
    project.volume("shop/files/events/late.json", '{"id": 1, "n": 1}\n{"id": 2, "n": 1}\n')
    project.run()
    assert project.rows("select id, n from shop.items order by id") == [(1, 4), (2, 1)]
