"""Takes from a pull request what was accepted before its last push: `python -m infra.ci.fallen_labels NUMBER`.

Such a label would count for nothing on main (reviewed_plan.py), but who reads the pull request would think it did.
"""

import os
import sys
from urllib.parse import quote

from infra.ci.github import ask, gh, pages, plan_runs
from infra.ci.reviewed_plan import fallen_labels, own_runs


def main(number: str) -> int:
    """Take the labels away; return 0."""
    repository = os.environ["GITHUB_REPOSITORY"]
    issue = f"repos/{repository}/issues/{number}"
    pull = ask(f"repos/{repository}/pulls/{number}")
    runs = own_runs(plan_runs(repository, pull["head"]["sha"]), pull, repository)
    labels = [label["name"] for label in pull["labels"]]
    for label in fallen_labels(labels, pages(f"{issue}/events"), runs):
        gh("api", "--method", "DELETE", f"{issue}/labels/{quote(label)}")
        print(f"taken away: {label}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
