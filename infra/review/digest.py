"""What tells one plan from another: `python -m infra.review.digest PLAN.json`.

Two plans of one change to one state have one digest, although their files differ.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.review.plan import read_plan

# What a plan does, and what it was made from; the rest is versions and the time.
TOLD = ("resource_changes", "output_changes", "configuration")
# A label of GitHub has 50 characters, and nobody finds two plans of one digest of this length.
LENGTH = 24


def plan_digest(plan: Mapping[str, Any]) -> str:
    """24 hexadecimal digits over all that `plan` (parsed `terraform show -json`) would do."""
    told = json.dumps([plan.get(name) for name in TOLD], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:LENGTH]


if __name__ == "__main__":
    print(plan_digest(read_plan(Path(sys.argv[1]))))
