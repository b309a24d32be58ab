"""A summary as text for a terminal and as Markdown for a pull request."""

from collections.abc import Iterable

from common.counting import counted
from common.markdown import code, fenced, within_html
from infra.review.files import FileDiff
from infra.review.summary import Summary

NO_DANGER = "nothing that loses data, opens access or starts work"
NO_ACCESS = "no change of effective access to data"
# GitHub refuses a comment of more than 65,536 characters, and three environments share one.
MOST_CHARACTERS = 14_000
TOO_LONG = "\nThe rest is too long for a comment: run `lakehouse plan-summary` on the plan.\n"


def as_text(title: str, summary: Summary) -> str:
    """The summary as plain text, one section after the other; lines of danger begin with `!`."""
    parts = [f"{title}: {summary.headline}", "", "Dangerous"]
    parts += [f"  ! {danger.label}: {danger.reason}" for danger in summary.dangers] or [f"    {NO_DANGER}"]
    parts += ["", "Access"]
    parts += [f"    {change}" for change in summary.access.changes] or [f"    {NO_ACCESS}"]
    parts += [f"    {line}" for line in _unseen(summary)]
    parts += ["", "Resources", *(f"  {line}" for line in summary.lines)] if summary.lines else []
    for diff in summary.files:
        parts += ["", _file_title(diff), *(f"    {line}" for line in diff.lines)]
    return "\n".join(parts) + "\n"


def as_markdown(title: str, summary: Summary) -> str:
    """The summary as a comment within GitHub's limit: resources and file diffs are folded."""
    top = [f"### {title}: {summary.headline}", "", "**Dangerous**", ""]
    top += _items(f"⚠️ {code(f'{one.label}: {one.reason}')}" for one in summary.dangers) or [NO_DANGER]
    top += ["", "**Access**", ""]
    top += _items(code(str(change)) for change in summary.access.changes) or [NO_ACCESS]
    top += _items(map(code, _unseen(summary)))
    folds = [_fold(counted(len(summary.lines), "resource"), "", summary.lines)] if summary.lines else []
    folds += [_fold(_file_title(diff), "diff", diff.lines) for diff in summary.files if diff.lines]
    unseen = _items(code(_file_title(diff)) for diff in summary.files if not diff.lines)
    return _within_limit("\n".join([*top, "", *unseen]) + "\n", folds)


def _within_limit(text: str, folds: Iterable[str]) -> str:
    if len(text) > MOST_CHARACTERS:
        return text[: text.rindex("\n", 0, MOST_CHARACTERS) + 1] + TOO_LONG
    for fold in folds:
        if len(text) + len(fold) > MOST_CHARACTERS:
            return text + TOO_LONG
        text += fold
    return text


def _unseen(summary: Summary) -> list[str]:
    """Files in volumes and rights to create are outside of READ, WRITE and MANAGE: their lines show them.

    An owner is set by the apply itself, and no plan says to whom.
    """
    addresses = summary.access.not_evaluated
    unseen = [f"not evaluated, see their lines: {', '.join(addresses)}"] if addresses else []
    owned = [f"{who} is the owner so far: an apply makes it whoever applies" for who in summary.owners]
    return unseen + owned


def _items(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _fold(title: str, language: str, lines: Iterable[str]) -> str:
    top = f"<details><summary>{within_html(title)}</summary>"
    return "\n".join(["", top, "", *fenced(lines, language), "</details>", ""])


def _file_title(diff: FileDiff) -> str:
    counts = f"+{diff.added} -{diff.removed}" if diff.lines else ""
    return " ".join(part for part in (diff.path, counts, f"({diff.note})" if diff.note else "") if part)
