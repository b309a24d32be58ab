"""The part of docs/lakeflow.md that says where Sail is not Spark; `make lakeflow` writes it anew."""

import re
import textwrap
from pathlib import Path

from local.engine.sessions import known_differences
from local.engine.sessions.known_differences import DIFFERENCES, Done

PAGE = Path(__file__).parents[1] / "docs" / "lakeflow.md"
BEGIN = "<!-- from local/engine/sessions/known_differences.py, by `make lakeflow` -->"
END = "<!-- end -->"
LINE_WIDTH = 120
# What stays comes first: whoever reads no further has read that.
HEADINGS = {
    Done.REMAINS: "Sail's answer remains: look for these in your pipeline.",
    Done.SPARK: "Apache Spark computes these: the update goes on there (`auto`), or says so.",
    Done.REWRITTEN: "These are written anew on the way, so that the answer is Spark's.",
}


def rewritten(page: str) -> str:
    """The page with what stands between the two marks as the known differences are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{render()}\n{END}{after}"


def render() -> str:
    """The differences by what is done about them, each with an expression that shows it."""
    about = (known_differences.__doc__ or "").partition("\n\n")[2]
    return "\n".join([textwrap.fill(about, LINE_WIDTH), "", *map(_table, HEADINGS)])


def _table(done: Done) -> str:
    rows = [
        (f"`{each.function}`", each.what, f"`{each.expression}`", f"`{each.values}`")
        for each in DIFFERENCES
        if each.done is done
    ]
    lines = [("function", "on Sail", "seen by", "over rows of `a`"), ("---",) * 4, *rows]
    cells = (" | ".join(re.sub(r"\|", r"\\|", cell) for cell in line) for line in lines)
    return "\n".join([HEADINGS[done], "", *(f"| {line} |" for line in cells), ""])


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
