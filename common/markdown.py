"""Text that somebody else wrote, in Markdown of ours: it must say nothing in our name, and call nobody."""

import re
from collections.abc import Iterable
from html import escape

RUNS_OF_BACKTICKS = re.compile("`+")
MARKS = ("\\", "`", "*", "_", "|", "[", "]", "~", "#")
# What GitHub makes a link of, or a call, also where Markdown has no markup: a sign without width breaks it.
CALLS = re.compile(r"[@#]|:(?=//)|www(?=\.)|\bgh(?=-\d)", re.IGNORECASE)


def plain(text: str) -> str:
    """`text` as running text in one line: no markup, no link, no mention of anybody."""
    for sign in MARKS:
        text = text.replace(sign, f"\\{sign}")
    return within_html(text)


def within_html(text: str) -> str:
    """`text` in one line between two tags of HTML, where Markdown is not read."""
    quiet = CALLS.sub("\\g<0>\u200b", escape(one_line(text), quote=False))
    return quiet.replace("$", "<span>$</span>")


def code(text: str) -> str:
    """`text` in one line as code."""
    return f"`` {re.sub('`(?=`)', '` ', one_line(text))} ``"


def code_cell(text: str) -> str:
    """`text` as code in a cell of a table."""
    return code(text.replace("|", "¦")) if text.strip() else ""


def fenced(lines: Iterable[str], language: str = "") -> list[str]:
    """A block of code: each of `lines` stays one, and none of them ends the block."""
    kept = [line.replace("\r", "\\r").replace("\n", "\\n") for line in lines]
    longest = max((len(run) for line in kept for run in RUNS_OF_BACKTICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return [f"{fence}{language}", *kept, fence]


def one_line(text: str) -> str:
    """`text` without line breaks and doubled blanks, and without signs that are not seen or turn what follows."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))
