"""docs/cost.md: its queries are SQL, its budget is one that the API takes, its tags are those of the stack."""

import json
import re

import sqlglot
from databricks.sdk.service.billing import CreateBudgetConfigurationBudget

from common.checkout import REPOSITORY
from infra.stack.environments import find_environment

PAGE = (REPOSITORY / "docs" / "cost.md").read_text()
TAGS = find_environment("prod").tags


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_queries_are_sql_on_the_tags_that_jobs_and_pipelines_carry() -> None:
    queries = blocks("sql")
    assert len(queries) == 2
    for query in queries:
        assert len(sqlglot.parse(query, read="databricks")) == 1
        assert {*re.findall(r"custom_tags\['([\w-]+)'\]", query)} <= TAGS.keys()
        assert f"custom_tags['project'] = '{TAGS['project']}'" in query


def test_the_budget_is_one_that_the_api_takes() -> None:
    (text,) = blocks("json")
    given = json.loads(text)["budget"]
    budget = CreateBudgetConfigurationBudget.from_dict(given)
    assert budget.as_dict() == given
    clauses = given["filter"]["tags"]
    assert {one["key"]: one["value"]["values"] for one in clauses} == {
        key: [TAGS[key]] for key in ("project", "environment")
    }
