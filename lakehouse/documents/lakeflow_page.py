"""The parts of docs/lakeflow.md that are written from tests and tables of the engine; `make lakeflow` does it."""

import re
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from common.checkout import REPOSITORY
from lakehouse.documents.lakeflow_features import FEATURES, Feature
from lakehouse.documents.lakeflow_trials import TESTS, Trial, trials
from lakehouse.documents.lists import LINE_WIDTH, wrapped_item
from local.engine.sessions import known_differences
from local.engine.sessions.known_differences import DIFFERENCES, Done

PAGE = REPOSITORY / "docs" / "lakeflow.md"
END = "<!-- end -->"
# What stays comes first: whoever reads no further has read that.
HEADINGS = {
    Done.REMAINS: "Sail's answer remains: look for these in your pipeline.",
    Done.SPARK: "Apache Spark computes these: the update goes on there (`auto`), or says so.",
    Done.AT_A_VALUE: "Sail computes these, but for such values: at the first of them Apache Spark goes on.",
    Done.REWRITTEN: "These are written anew on the way, so that the answer is Spark's.",
}


def rewritten_page(page: str) -> str:
    """The page with what stands between the marks as the tests and the known differences are now."""
    for begin, render in PARTS.items():
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(END)
        page = f"{before}{begin}\n\n{render()}\n{END}{after}"
    return page


def listed_differences() -> str:
    """The differences by what is done about them, each with an expression that shows it."""
    about = (known_differences.__doc__ or "").partition("\n\n")[2]
    return "\n".join([textwrap.fill(about, LINE_WIDTH), "", *map(_differences, HEADINGS)])


def listed_features() -> str:
    """The features by their parts, with what the tests of each say."""
    tried = trials()
    return "\n".join(_features(part, listed, tried) for part, listed in FEATURES.items())


def _differences(done: Done) -> str:
    lines = [
        f"`{each.function}`: {each.what}, as in `{each.expression}` over `{each.values}`"
        for each in DIFFERENCES
        if each.done is done
    ]
    return "\n".join([HEADINGS[done], "", *map(wrapped_item, lines), ""])


def _features(part: str, listed: Sequence[Feature], tried: dict[str, list[Trial]]) -> str:
    head = ("feature", "of 109", "Sail", "Spark", "what is different here", "test")
    rows = [_feature(feature, tried[feature.name]) for feature in listed]
    files = {trial.file for feature in listed for trial in tried[feature.name]}
    links = sorted(f"[{_name(file)}]: ../{file.relative_to(TESTS.parent)}" for file in files)
    return "\n".join([f"### {part}", "", *_table(head, rows), "", *links, ""])


def _feature(feature: Feature, found: Sequence[Trial]) -> tuple[str, ...]:
    refused = all(trial.refused for trial in found)
    sail, spark = ("refused" if refused else _answer(engine, found) for engine in ("sail", "spark"))
    tests = ", ".join(dict.fromkeys(f"[{_name(trial.file)}]" for trial in found))
    return f"`{feature.name}`", feature.repositories or "-", sail, spark, feature.difference, tests


def _answer(engine: str, found: Sequence[Trial]) -> str:
    supplied = [trial for trial in found if not trial.refused]
    if any(engine in trial.engines for trial in supplied):
        return "yes"
    return "on Spark" if engine == "sail" else "not tried"


def _name(test: Path) -> str:
    return test.stem.removeprefix("test_")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(re.sub(r"\|", r"\\|", cell) for cell in line) + " |" for line in lines]


PARTS: dict[str, Callable[[], str]] = {
    "<!-- from local/engine/sessions/known_differences.py, by `make lakeflow` -->": listed_differences,
    "<!-- from the marks of tests, by `make lakeflow` -->": listed_features,
}

if __name__ == "__main__":
    PAGE.write_text(rewritten_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
