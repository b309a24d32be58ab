"""What was measured, as JSON and as a table, beside the last committed result."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from textwrap import wrap
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
RATIOS = {
    "full_vs_batch": ("full", "batch", 0.10),
    "one_percent_vs_batch": ("one_percent", "batch", 0.03),
    "warm_edit_vs_batch": ("warm_edit", "batch", 0.01),
    "nothing_new_vs_batch": ("nothing_new", "batch", 0.005),
    "full_vs_duckdb": ("full", "duckdb", 4),
}
GROWTH = "million_vs_hundred_thousand"
GOALS = {**{name: goal for name, (_, _, goal) in RATIOS.items()}, GROWTH: 12}
# Seconds that a whole command takes at most.
COMMANDS = {
    "generate": 0.8,
    "run_from_nothing": 5,
    "run_delivery": 3,
    "run_nothing_new": 1.5,
    "tables": 1.5,
    "sql": 1.5,
    "sql_computed": 1.5,
}
MOST_MIB = 4096
# Up to these; more are run to see what bounds them.
MOST_ORDERS = 1_000_000
_WIDTH = 120

Results = dict[str, Any]


def as_results(
    rounds: Sequence[Mapping[str, float]],
    growth: Mapping[int, Mapping[str, Any]],
    commands: Mapping[str, float],
    synth: Sequence[float],
    generator: Mapping[int, Mapping[str, float]],
    orders: int,
) -> Results:
    """The figures as `results.json` holds them: a ratio is the median of the rounds' ratios."""
    return {
        "ratios": _ratios(rounds, growth),
        "seconds": {
            "warm_edit": round(median(each["warm_edit"] for each in rounds), 2),
            "synth": round(median(synth), 2),
        },
        "commands": {name: round(seconds, 2) for name, seconds in commands.items()},
        "growth": {str(size): figures for size, figures in growth.items()},
        "generator": {
            str(size): {name: round(figure) for name, figure in figures.items()}
            for size, figures in generator.items()
        },
        "rounds": [{name: round(took, 2) for name, took in each.items()} for each in rounds],
        "orders": orders,
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, load {os.getloadavg()[2]:.1f} at the end",
        "versions": {
            "python": platform.python_version(),
            **{
                package: version(package) for package in ("pyspark", "pysail", "deltalake", "duckdb", "cdktf")
            },
        },
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _ratios(
    rounds: Sequence[Mapping[str, float]], growth: Mapping[int, Mapping[str, Any]]
) -> dict[str, float]:
    ratios = {
        name: round(median(each[over] / each[under] for each in rounds), 4)
        for name, (over, under, _) in RATIOS.items()
    }
    if growth:
        ratios[GROWTH] = round(growth[max(growth)]["seconds"] / growth[min(growth)]["seconds"], 2)
    return ratios


def committed_ratios(found: Results, repository: Path) -> dict[str, float]:
    """The ratios of the last committed result of as large a world; empty when there is none."""
    name = RESULTS.relative_to(repository)
    shown = subprocess.run(
        ["git", "show", f"HEAD:{name}"], cwd=repository, capture_output=True, text=True, check=False
    )
    last: Results = json.loads(shown.stdout) if shown.returncode == 0 else {}
    return last["ratios"] if last.get("orders") == found["orders"] else {}


def markdown(found: Results, last: Mapping[str, float]) -> str:
    """A table of the figures, for a person."""
    lines = ["| measured | result | goal | last committed |", "|---|---|---|---|"]
    for name, ratio in found["ratios"].items():
        lines.append(f"| {name} | {ratio} | at most {GOALS[name]} | {last.get(name, '')} |")
    lines.append(f"| warm edit | {found['seconds']['warm_edit']} s | at most 1 s | |")
    lines.append(f"| synth of dev | {found['seconds']['synth']} s | at most 4 s | |")
    for name, seconds in found["commands"].items():
        lines.append(f"| command {name} | {seconds} s | at most {COMMANDS[name]} s | |")
    lines += [_growth_line(int(size), figures) for size, figures in found["growth"].items()]
    for size, figures in found["generator"].items():
        rate, memory = figures["rows_per_second"], figures["peak_mib"]
        lines.append(
            f"| generator, {int(size):,} orders | {rate:,} rows/s, {memory:,} MiB | 300,000 rows/s | |"
        )
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    rounds = [", ".join(f"{name} {took} s" for name, took in each.items()) for each in found["rounds"]]
    told = [
        f"{found['orders']:,} orders; {found['machine']}; {versions}; {found['date']}.",
        *[f"Round {n}: {text}." for n, text in enumerate(rounds, 1)],
        *_slowest(found["growth"]),
    ]
    return "\n".join([*lines, *[line for text in told for line in ("", *wrap(text, _WIDTH))]]) + "\n"


def _growth_line(orders: int, figures: Mapping[str, Any]) -> str:
    taken = f"{figures['seconds']} s, {figures['peak_mib']:,} MiB resident"
    taken += f" ({figures['date']})" if "date" in figures else ""
    goal = f"at most {MOST_MIB:,} MiB" if orders <= MOST_ORDERS else "that it ends"
    return f"| full update, {orders:,} orders, a process of its own | {taken} | {goal} | |"


def _slowest(growth: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line for each larger world: the tables that took most, in seconds."""
    return [
        f"{int(orders):,} orders, slowest: {', '.join(f'{name} {took} s' for name, took in each['slowest'].items())}."
        for orders, each in growth.items()
    ]
