"""Several AUTO CDC flows into one target."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

CODE = """
dp.create_streaming_table("people")

for side in ("north", "south"):
    @dp.temporary_view(name=side)
    def changes(side=side):
        return (
            spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv")
            .schema("id INT, name STRING, at INT").load(f"/Volumes/main/shop/files/{side}")
        )

    dp.create_auto_cdc_flow(name=f"from_{side}", target="people", source=side, keys=["id"], sequence_by="at")
"""


def test_a_refresh_that_ends_after_its_first_flow_loses_no_rows_of_the_others(project: Project) -> None:
    project.write("transformations/people.py", CODE)
    project.volume("shop/files/north/1.csv", "1,a,1\n")
    project.volume("shop/files/south/1.csv", "2,b,1\n")
    project.run()
    wrong = project.volume("shop/files/south/2.csv", "3,c,\n")
    with pytest.raises(UserError):
        project.run(full_refresh=True)
    wrong.unlink()
    project.run()
    assert project.rows("select id, name from shop.people order by 1") == [(1, "a"), (2, "b")]


def test_rows_that_a_rule_of_the_target_keeps_out_are_counted(project: Project) -> None:
    rule = """dp.create_streaming_table("people", expect_all_or_drop={"named": "name is not null"})"""
    project.write("transformations/people.py", CODE.replace('dp.create_streaming_table("people")', rule))
    project.volume("shop/files/north/1.csv", "1,a,1\n2,,1\n")
    project.volume("shop/files/south/1.csv", "3,,1\n")
    project.run()
    [event] = [event for event in project.events if event.state == "COMPLETED"]
    assert (event.rows, event.dropped) == (1, 2)
