"""Quality: the expectations over the runs, what stands in quarantine and why, and whether the rows add up."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lakehouse.page.reading.lake import Lake, LakeDataset
from lakehouse.page.views.view import Context, Here

router = APIRouter()
RUNS = 20
EXAMPLES = 5


@dataclass(frozen=True)
class Watched:
    """An expectation over all data, and how many rows broke it in each of its latest runs, oldest first."""

    dataset: str
    name: str
    action: str
    passed: int
    failed: int
    runs: list[tuple[str, int, int]]


@dataclass(frozen=True)
class Reason:
    """Rows in quarantine that broke the same rules, with some of them and the files that these stood in."""

    dataset: str
    rules: tuple[str, ...]
    rows: int
    examples: list[tuple[str, str]]


def content(context: Context) -> dict[str, Any]:
    """What the template shows."""
    lake = context.lake
    watched = _watched(lake)
    return {
        "watched": watched,
        "broken": [one for one in watched if one.failed],
        "reasons": _reasons(lake),
        "flows": _flows(lake),
    }


def _watched(lake: Lake) -> list[Watched]:
    """Those of the table of results, and gold's, which stand in the event log only."""
    runs: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for update in reversed(lake.updates):
        for step in update.steps:
            for one in step.expectations:
                runs[step.dataset, one.name].append(
                    (f"{update.ended:%Y-%m-%d %H:%M}", one.passed, one.failed)
                )
    rows = lake.rows_of("utils.expectation_results")
    found = [
        Watched(
            row["dataset"],
            row["expectation"],
            row["action"],
            row["passed_records"],
            row["failed_records"],
            runs.pop((row["dataset"], row["expectation"]), [])[-RUNS:],
        )
        for row in (rows.to_pylist() if rows else ())
    ]
    found += [
        Watched(dataset, name, "fail" if dataset.startswith("gold.") else "", *last[-1][1:], last[-RUNS:])
        for (dataset, name), last in runs.items()
    ]
    return sorted(found, key=lambda one: (not one.failed, -one.failed, one.dataset, one.name))


def _reasons(lake: Lake) -> list[Reason]:
    rows = lake.rows_of("utils.quarantine")
    found: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = defaultdict(list)
    for row in rows.to_pylist() if rows else ():
        found[row["dataset"], tuple(row["failed_expectations"])].append((row["record"], row["_source_file"]))
    reasons = [
        Reason(
            dataset, rules, len(all_), [(record, lake.home.kept(file)) for record, file in all_[:EXAMPLES]]
        )
        for (dataset, rules), all_ in found.items()
    ]
    return sorted(reasons, key=lambda one: -one.rows)


def _flows(lake: Lake) -> list[dict[str, Any]]:
    """Each dataset's way from bronze to `gold`: rows, and the percentages kept, replaced and quarantined."""
    rows, datasets = lake.rows_of("utils.reconciliation"), lake.datasets.values()
    found = []
    for row in rows.to_pylist() if rows else ():
        whole = max(1, row["bronze_records"])
        parts = ("silver", "replaced", "quarantined")
        shares = {part: round(100 * row[f"{part}_records"] / whole, 2) for part in parts}
        adds_up = row["bronze_records"] == sum(row[f"{part}_records"] for part in parts)
        found.append(
            {**row, "shares": shares, "adds_up": adds_up, "gold": _gold_behind(datasets, row["dataset"])}
        )
    return sorted(found, key=lambda row: -row["bronze_records"])


def _gold_behind(datasets: Collection[LakeDataset], name: str) -> list[str]:
    """The tables of gold that the rows of a table reach, by way of others or not."""
    reached = [name]
    for one in reached:
        reached += [each.name for each in datasets if one in each.sources and each.name not in reached]
    return sorted(one for one in reached if one.startswith("gold."))


@router.get("/quality", response_class=HTMLResponse)
def quality(context: Here) -> str:
    """The page."""
    return context.page("quality", **content(context))
