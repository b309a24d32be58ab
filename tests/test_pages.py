"""The pages for people are true and readable: paths exist, links lead somewhere, decisions stand in their index."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from pipelines.lineage import SOURCES, STREAMING_TABLES

TOP = Path(__file__).parents[1]
LINE_WIDTH = 120
_LISTED = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True)
FILES = [Path(name) for name in _LISTED.stdout.splitlines()]
FOLDERS = {file.parts[0] for file in FILES if len(file.parts) > 1}
PAGES = [file for file in FILES if file.suffix == ".md"]
DECISIONS = sorted((TOP / "docs" / "decisions").glob("[0-9]*.md"))
STATUS = re.compile(r"^Status: (proposed|accepted|superseded by \d+)$", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=str)
each_decision = pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)


@each_page
def test_lines_are_wrapped(page: Path) -> None:
    """Rows of tables cannot be."""
    lines = (TOP / page).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > LINE_WIDTH and not line.startswith("|")] == []


@each_page
def test_paths_in_backticks_exist(page: Path) -> None:
    """A path is what begins with a folder of the repository; `<name>` in it stands for any name."""
    marked = re.findall(r"`([^`\s]+)`", (TOP / page).read_text(encoding="utf-8"))
    paths = {re.sub(r"<\w+>", "*", path).rstrip("/") for path in marked if path.split("/")[0] in FOLDERS}
    assert [path for path in sorted(paths) if "/" in path and not any(TOP.glob(path))] == []


@each_page
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (TOP / page).read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (TOP / page.parent / link).exists()] == []


@each_decision
def test_a_decision_follows_the_template(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(decision.stem[:4])}. ")
    assert STATUS.search(text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_index_has_each_decision_with_its_status() -> None:
    rows = (TOP / "docs" / "decisions" / "README.md").read_text(encoding="utf-8").splitlines()
    for decision in DECISIONS:
        text = decision.read_text(encoding="utf-8")
        title, status = re.findall(r"^# (\d+)\. (.+)$|^Status: (.+)$", text, re.MULTILINE)[:2]
        assert f"| {title[0]} | [{title[1]}]({decision.name}) | {status[2]} |" in rows


def test_the_hooks_run_what_make_test_runs() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8").replace("$(RUN)", ".venv/bin/python")
    recipe = makefile.split("\ntest: ")[1].split("\n\n")[0].splitlines()[1:]
    config = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    # What runs once more after a failure is `make test`'s alone.
    commands = [line.strip().split(" || ")[0] for line in recipe if not line.strip().startswith("&&")]
    assert commands == [hook["entry"] for hook in config["repos"][0]["hooks"]]


def test_the_licence_is_said_alike() -> None:
    packages = [json.loads((TOP / name).read_text()) for name in ("package.json", "package-lock.json")]
    assert (packages[0]["license"], packages[1]["packages"][""]["license"]) == ("MIT", "MIT")
    assert (TOP / "LICENSE").read_text().startswith("MIT")


def test_of_each_view_it_is_said_whether_databricks_can_keep_it() -> None:
    chapter = (
        (TOP / "docs/scale.md").read_text(encoding="utf-8").split("## Which views Databricks can keep")[1]
    )
    views = [name for name in SOURCES if name not in STREAMING_TABLES]
    assert [name for name in views if f"`{name}`" not in chapter.split("\n## ")[0]] == []
