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
    """An expectation, what it has counted, and how many rows broke it in each of its latest runs, oldest first."""

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
    over_all, by_write = _watched(lake)
    return {
        "watched": over_all,
        "broken": [one for one in over_all if one.failed],
        "by_write": by_write,
        "reasons": _reasons(lake),
        "flows": _flows(lake),
    }


def _watched(lake: Lake) -> tuple[list[Watched], list[Watched]]:
    """Those of the table of results, over all data; those of the event log only, over the latest write."""
    runs: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    actions: dict[tuple[str, str], str] = {}
    for update in reversed(lake.updates):
        for step in update.steps:
            for one in step.expectations:
                actions[step.dataset, one.name] = one.action
                runs[step.dataset, one.name].append(
                    (f"{update.ended:%Y-%m-%d %H:%M}", one.passed, one.failed)
                )
    rows = lake.rows_of("utils.expectation_results")
    over_all = [
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
    by_write = [
        Watched(dataset, name, actions[dataset, name], *last[-1][1:], last[-RUNS:])
        for (dataset, name), last in runs.items()
    ]
    return sorted(over_all, key=_most_broken_first), sorted(by_write, key=_most_broken_first)


def _most_broken_first(one: Watched) -> tuple[int, str, str]:
    return -one.failed, one.dataset, one.name


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
    """Each dataset's way from bronze to silver, in rows and percent, and the tables of `gold` that are made of it."""
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
