"""A streaming table has the columns that are declared, or that its query gives, whether rows come or not."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

EVENTS = """
@dp.table({declared})
def events():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id STRING")
    return files.load("/Volumes/main/shop/in"){note}
"""
NOTES = """
@dp.materialized_view
def notes():
    return spark.read.table("events").select("id", "note")
"""
NOTE = '.withColumn("note", F.lit("later"))'
PLAIN, NOTED = 'schema="id STRING"', 'schema="id STRING, note STRING"'


@pytest.mark.parametrize(("plain", "noted"), [(PLAIN, NOTED), ("", "")])
def test_a_new_column_is_there_before_it_has_a_value(project: Project, plain: str, noted: str) -> None:
    project.volume("shop/in/1.json", '{"id": "a"}\n')
    project.write("transformations/events.py", EVENTS.format(declared=plain, note=""))
    project.run()
    project.write("transformations/events.py", EVENTS.format(declared=noted, note=NOTE))
    # Who reads it in the same update may ask for it.
    project.write("transformations/notes.py", NOTES)
    project.run()
    assert project.rows("select * from shop.notes") == [("a", None)]
    project.volume("shop/in/2.json", '{"id": "b"}\n')
    project.run()
    assert sorted(project.rows("select * from shop.notes")) == [("a", None), ("b", "later")]
    project.run()
    assert set(project.states().values()) == {"EXCLUDED"}


def test_a_declared_column_that_no_query_gives_is_named_at_once(project: Project) -> None:
    project.volume("shop/in/1.json", '{"id": "a"}\n')
    project.write("transformations/events.py", EVENTS.format(declared=PLAIN, note=""))
    project.run()
    file = project.write("transformations/events.py", EVENTS.format(declared=NOTED, note=""))
    with pytest.raises(UserError, match=rf"{file.name}:\d+: shop\.events declares note"):
        project.run()
