"""An error that shows only when a plan is analysed names the line that is wrong, where that is one."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

PLACES = """
def named(rows):
    return rows.select({helper})

@dp.materialized_view
def places():
    rows = spark.range(3)
    rows = rows.withColumn("n", F.col("id"))
    return named(rows.where({query}))

@dp.materialized_view
def others():
    return spark.range(1).withColumn({others}, F.lit(1))
"""


@pytest.mark.parametrize(
    ("query", "helper", "others", "line"),
    [
        # In the query itself, as a name or within SQL.
        ('F.col("nn") > 1', '"n"', '"x"', "return named("),
        ('"nn > 1"', '"n"', '"x"', "return named("),
        # In what it calls, where nothing else has the name.
        ('"n > 1"', '"nn"', '"x"', "return rows.select("),
        # Not to be told.
        ('"n > 1"', '"nn"', '"nn"', "@dp.materialized_view"),
    ],
)
def test_a_column_that_is_not_there(
    project: Project, query: str, helper: str, others: str, line: str
) -> None:
    project.write("transformations/places.py", PLACES.format(query=query, helper=helper, others=others))
    lines = (project.root / "transformations/places.py").read_text().splitlines()
    number = next(n for n, text in enumerate(lines, 1) if line in text)
    with pytest.raises(UserError, match=rf"places\.py:{number}: shop\.places: there is no column nn"):
        project.run(select=["shop.places"])
