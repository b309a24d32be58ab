"""Tables that a file reads while it is loaded: rules kept in a table, say."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

RULES = """
@dp.materialized_view(name="other.rules")
def rules():
    return spark.sql("select 'few' as name, 'id < {limit}' as rule")
"""
READER = """
def rules():
    return {row["name"]: row["rule"] for row in spark.read.table("other.rules").collect()}

@dp.materialized_view
@dp.expect_all_or_drop(rules())
def kept():
    return spark.range(5)
"""


def test_rules_are_read_from_a_table_and_a_new_rule_counts(project: Project) -> None:
    project.write("transformations/kept.py", READER)
    with pytest.raises(UserError, match=r"kept\.py:7: .*other\.rules, which is not there"):
        project.run()
    for limit in (3, 2):
        project.write("transformations/kept.py", RULES.format(limit=limit))
        project.run()
        project.write("transformations/kept.py", READER)
        project.run()
        assert project.rows("select count(*) from shop.kept") == [(limit,)]


def test_a_table_of_the_pipelines_own_is_read_as_it_is(project: Project) -> None:
    project.write("transformations/a_rules.py", RULES.format(limit=3))
    project.run()
    project.write("transformations/kept.py", READER)
    project.run()
    assert project.rows("select count(*) from shop.kept") == [(3,)]
    project.write("transformations/a_rules.py", RULES.format(limit=2))
    project.run()
    project.run()
    assert project.rows("select count(*) from shop.kept") == [(2,)]
