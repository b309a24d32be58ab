import json
from dataclasses import replace

from infra.drift.findings import ApplyEffect, Finding, Severity, ordered
from infra.drift.render import MOST_CHARACTERS, as_json, as_markdown, as_terminal
from infra.drift.sarif import as_sarif

GRANT = Finding(
    Severity.ACCESS,
    "grants",
    "schema olist.gold",
    "x@example.com",
    None,
    ["SELECT"],
    ApplyEffect.UNDOES,
    fix="make deploy ENV=dev",
)
FILE = Finding(
    Severity.WORK,
    "file",
    "/olist-lakehouse/dev/pipelines/shared/rules.py",
    "content",
    "md5 a",
    "md5 b",
    ApplyEffect.MISSES,
    changed_by="ana@example.com",
    changed_at=1_800_000_000_000,
    fix="databricks workspace import ...",
)
COMMENT = Finding(
    Severity.NOTE, "schema", "olist.gold", "comment", "Gold", "a | `` b\nc", ApplyEffect.UNDOES, fix="make"
)
TABLE = Finding(
    Severity.DATA, "table", "olist.gold.sales", "", "declared", None, ApplyEffect.MISSES, fix="run"
)


def test_access_comes_first_and_descriptions_last() -> None:
    assert ordered([COMMENT, FILE, TABLE, GRANT]) == [GRANT, TABLE, FILE, COMMENT]


def test_json_has_every_key_of_every_finding() -> None:
    document = json.loads(as_json("dev", [GRANT, FILE]))
    assert document["environment"] == "dev"
    assert document["findings"][1] == {
        "severity": "work",
        "kind": "file",
        "object": "/olist-lakehouse/dev/pipelines/shared/rules.py",
        "field": "content",
        "expected": "md5 a",
        "actual": "md5 b",
        "terraform": "misses",
        "fix": "databricks workspace import ...",
        "address": None,
        "changed_by": "ana@example.com",
        "changed_at": "2027-01-15T08:00:00Z",
    }
    assert document["findings"][0]["actual"] == ["SELECT"]
    assert json.loads(as_json("dev", [])) == {"environment": "dev", "findings": []}


def test_the_terminal_shows_a_table_and_the_whole_commands() -> None:
    text = as_terminal("dev", [GRANT, FILE], width=200)
    assert text.startswith("lakehouse-dev: 2 differences (1 access, 1 work)")
    assert "ana@example.com" in text
    assert text.endswith("1. make deploy ENV=dev\n2. databricks workspace import ...\n")
    assert as_terminal("dev", []) == "lakehouse-dev: no drift\n"


def test_markdown_keeps_what_people_typed_from_becoming_markup() -> None:
    text = as_markdown("dev", [COMMENT])
    row = next(line for line in text.splitlines() if line.startswith("| `` 1"))
    assert row.count("|") == 9
    assert "a ¦ ` ` b c" in row
    assert as_markdown("dev", []) == "### lakehouse-dev: no drift\n"


def test_markdown_stays_within_an_issue_and_says_what_it_left_out() -> None:
    many = [replace(FILE, object=f"/olist-lakehouse/dev/pipelines/{number}.py") for number in range(1000)]
    text = as_markdown("dev", many)
    assert len(text) < MOST_CHARACTERS + 200
    shown = text.count("databricks workspace import")
    assert text.endswith(f"\n{1000 - shown} more: run `lakehouse drift --env dev`\n")


def test_sarif_points_to_the_code_that_is_contradicted() -> None:
    document = json.loads(as_sarif("dev", [GRANT, TABLE, FILE, COMMENT]))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {
        result["ruleId"] for result in run["results"]
    }
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]
    ]
    assert places == [
        "infra/stack/constructs/grants.py",
        "pipelines/schemas/gold.py",
        "pipelines/shared/rules.py",
        "infra/stack/constructs/catalog.py",
    ]
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning", "note"]
    prints = {result["partialFingerprints"]["drift/v1"] for result in run["results"]}
    assert len(prints) == 4
    again = json.loads(as_sarif("dev", [replace(FILE, actual="md5 c")]))
    assert again["runs"][0]["results"][0]["partialFingerprints"]["drift/v1"] in prints
