"""Who gains or loses which access to data when the plan is applied, computed by reachdiff.

A privilege counts only with those it needs: SELECT on a schema is READ only with USE_CATALOG and USE_SCHEMA.
docs/decisions/0041-reachdiff.md says why reachdiff, and what it does not see.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reachdiff.apply import apply_plan
from reachdiff.collect.offline import build_offline
from reachdiff.diff import Change as AccessRow
from reachdiff.diff import compute_diff
from reachdiff.tfplan import read_plan

from common.errors import UserError

MEMBERS_LIMIT = 1000
VERBS = {"+": "gains", "-": "loses"}


@dataclass(frozen=True)
class AccessChange:
    """One principal's gain or loss of a level (READ, WRITE, MANAGE) on the named securables."""

    principal: str
    verb: str
    level: str
    securables: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.principal} {self.verb} {self.level} on {', '.join(self.securables)}"


@dataclass(frozen=True)
class AccessReview:
    """The changes of effective access, and the addresses of grants that could not be evaluated whole."""

    changes: tuple[AccessChange, ...]
    not_evaluated: tuple[str, ...]


def review_access(plan: Mapping[str, Any]) -> AccessReview:
    """The effective access that `plan` (parsed `terraform show -json`) changes, gains first."""
    try:
        read = read_plan(dict(plan))
    except ValueError as error:
        raise UserError(f"the plan's grants cannot be read: {error}") from error
    before = build_offline(read)
    diff = compute_diff(before, apply_plan(before, read), read, members_limit=MEMBERS_LIMIT, deep=False)
    unknown = [gap.detail for gap in read.gaps if gap.category == "unknown_after_apply"]
    unseen = {detail.split(":")[0] for detail in (*read.not_evaluated, *unknown)}
    return AccessReview(tuple(_merged(diff.rows)), tuple(sorted(name for name in unseen if "grant" in name)))


def _merged(rows: tuple[AccessRow, ...]) -> list[AccessChange]:
    """One entry a principal and level, instead of one for each schema."""
    securables: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        securables[row.direction, row.principal, row.level].append(row.securable)
    return [
        AccessChange(principal, VERBS[direction], level, tuple(securables[direction, principal, level]))
        for direction, principal, level in sorted(securables)
    ]
