"""The whole review of one plan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError
from infra.review.access import AccessReview, review_access
from infra.review.dangers import Danger, access_given, dangers
from infra.review.fields import field_changes
from infra.review.files import HEAD, FileDiff, file_diff, md5_of
from infra.review.owners import only_owners_differ, owners
from infra.review.plan import HOW_TO, ResourceChange, resource_changes
from infra.review.references import with_names

MARKS = {"create": "+", "change": "~", "replace": "-/+", "destroy": "-", "forget": "."}
ORDER = ("destroy", "replace", "forget", "change", "create")
# A new one of these shows what it opens, to whom.
OPENS = frozenset({"grant", "grants", "permissions"})


@dataclass(frozen=True)
class Summary:
    """What a reviewer reads: dangers first, then access, then one line a resource, then the changed files.

    `owners` lose an ownership by the plan; `needs_apply` is whether it does anything else.
    """

    counts: Mapping[str, int]
    dangers: tuple[Danger, ...]
    access: AccessReview
    lines: tuple[str, ...]
    files: tuple[FileDiff, ...]
    owners: tuple[str, ...]
    needs_apply: bool

    @property
    def headline(self) -> str:
        """`2 to destroy, 14 to change`, or that nothing changes."""
        parts = [f"{self.counts[action]} to {action}" for action in ORDER if self.counts.get(action)]
        return ", ".join(parts) or "no changes"


def summarize(plan: Mapping[str, Any], checkout: Path, commits: Sequence[str] = HEAD) -> Summary:
    """The review of `plan` (parsed `terraform show -json`); `checkout` has the files' versions, up to `commits`.

    Raises UserError when the plan lacks what Terraform always writes.
    """
    try:
        return _summarize(with_names(plan), checkout, commits)
    except (AttributeError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"the plan's resource_changes are damaged: {error!r}; {HOW_TO}") from error


def _summarize(plan: Mapping[str, Any], checkout: Path, commits: Sequence[str]) -> Summary:
    found = sorted(resource_changes(plan), key=lambda change: _place(change.action))
    diffs = (file_diff(change, checkout, commits) for change in found)
    return Summary(
        counts=Counter(change.action for change in found),
        dangers=tuple(dangers(found)),
        access=review_access(plan),
        lines=tuple(resource_line(change) for change in found),
        files=tuple(diff for diff in diffs if diff is not None),
        owners=tuple(sorted(owners(found))),
        needs_apply=not only_owners_differ(found),
    )


def resource_line(change: ResourceChange) -> str:
    """One line: the mark, the resource and, when it changes, each field with its old and new value."""
    return f"{MARKS.get(change.action, '?'):>3} {change.label}{_details(change)}"


def _details(change: ResourceChange) -> str:
    if change.kind in OPENS and change.action == "create":
        return f": {'; '.join(access_given(change))}"
    if change.action not in {"change", "replace"}:
        return ""
    if change.kind == "workspace_file":
        return f": md5 {md5_of(change.before)[:8]} → {md5_of(change.after)[:8]}"
    return f": {'; '.join(map(str, field_changes(change))) or 'only values known after apply'}"


def _place(action: str) -> int:
    return ORDER.index(action) if action in ORDER else len(ORDER)
