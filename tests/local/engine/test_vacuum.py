"""Old files go, rows stay, and nothing becomes stale."""

from local.engine.journal import folder_aside
from local.engine.past import Past
from local.engine.vacuum import vacuum
from tests.local.engine.conftest import Project

VIEW = """
from pyspark import pipelines as dp

@dp.materialized_view
def n():
    return spark.range({rows})
"""


def test_files_of_old_versions_go_and_the_table_stays(project: Project) -> None:
    for rows in (1000, 2000):
        project.write("transformations/n.py", VIEW.format(rows=rows))
        project.run()
    aside = folder_aside(project.home, "shop.n")
    assert vacuum(project.home, 7).rows[0][0] == "shop.n"
    assert list(aside.glob("*.parquet"))
    [(_, before, now)] = vacuum(project.home, 0).rows
    assert now < before
    assert not aside.exists()
    assert len(project.rows("shop.n")) == 2000
    assert Past.of(project.spec, project.home).nothing_stale


def test_of_a_table_that_spark_emptied_itself_the_old_files_go(project: Project) -> None:
    for rows in (1000, 2000):
        project.write("transformations/n.sql", f"create materialized view n as select * from range({rows})")
        project.run()
    files = set((project.home.warehouse / "shop.db/n").glob("*.parquet"))
    vacuum(project.home, 0)
    assert set((project.home.warehouse / "shop.db/n").glob("*.parquet")) < files
    assert len(project.rows("shop.n")) == 2000
