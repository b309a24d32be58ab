"""Shows the plans of a pull request by main's code: `python -m infra.ci.show_plans RUN FOLDER`, once the run has ended.

Writes FOLDER/plans.md and, where the run left it, FOLDER/data.json (what the change does to the data), and
`pull=NUMBER` to the file $GITHUB_OUTPUT; nothing where the run is none to be told of, for which the reason is shown.
What a run leaves is data: none of it is run, and what it claims is told as its claim. Of a fork's run, which has no
identity to plan with, nothing is taken but that part on the data.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from common.checkout import REPOSITORY
from common.errors import UserError
from common.markdown import code
from infra.ci.artifacts import PLAN, download_plan, planned_changes
from infra.ci.claims import CLAIM, claim_lines, read_claim
from infra.ci.github import GitHubObject, artifact_text, ask, open_pulls, pages, plan_runs, set_output
from infra.ci.reviewed_plan import LABEL, NoReviewedPlanError, is_newest, is_of_no_fork, told_pull
from infra.review.digest import plan_digest
from infra.review.files import HEAD
from infra.review.render import as_markdown
from infra.review.summary import summarize
from infra.stack.environments import STACK_PREFIX, find_environment

DATA, DATA_FILE = "data", "data.json"
# GitHub takes 65,536 characters, and the part on the data is in the same comment.
MOST_TEXT = 44_000
OF_A_FORK = """This comes from a fork, which gets no identity to plan with: what it does to infrastructure and access is
not shown. All that follows is what **the fork's own code** said of the data. Nobody has checked it.
"""


def told_by(run: GitHubObject, repository: str) -> GitHubObject:
    """The pull request whose newest run is `run`; UserError with the reason when there is none."""
    pull = told_pull(open_pulls(repository, run), run, repository)
    if not is_newest(run, plan_runs(repository, run["head_sha"])):
        raise NoReviewedPlanError(f"a later run tells of #{pull['number']}")
    return pull


def write_told(run: GitHubObject, repository: str, folder: Path) -> None:
    """Write what `run` planned, and then what it says of the data, into `folder`."""
    found = pages(f"repos/{repository}/actions/runs/{run['id']}/artifacts", "artifacts")
    # Each attempt of a run leaves its own.
    left = {one["name"]: one for one in sorted(found, key=lambda one: one["id"]) if not one["expired"]}
    plans = _plans(run, repository, left) if is_of_no_fork(run, repository) else OF_A_FORK
    (folder / "plans.md").write_text(plans, encoding="utf-8")
    data = artifact_text(repository, left[DATA], DATA_FILE) if DATA in left else None
    if data is not None:
        (folder / DATA_FILE).write_text(data, encoding="utf-8")


def _plans(run: GitHubObject, repository: str, left: Mapping[str, GitHubObject]) -> str:
    """The part on infrastructure and access; `left` are the run's artifacts by name."""
    plans = {name: match["environment"] for name in sorted(left) if (match := PLAN.fullmatch(name))}
    claim = artifact_text(repository, left[CLAIM], CLAIM) if CLAIM in left else None
    told = claim_lines(read_claim(claim or ""), set(plans.values()), run["html_url"])
    sections = (_section(name, plans[name], run, repository) for name in plans)
    return "\n".join([*told, *_that_fit(sections, len(plans))])


def _that_fit(sections: Iterable[str], count: int) -> Iterable[str]:
    size = 0
    for number, section in enumerate(sections):
        size += len(section)
        if size > MOST_TEXT:
            yield f"\n{count - number} of the {count} plans have no room here: see the run.\n"
            return
        yield section


def _section(artifact: str, name: str, run: GitHubObject, repository: str) -> str:
    """One environment: the summary of its plan, which main's code makes of the plan file, or why it makes none."""
    title = f"{STACK_PREFIX}{name}"
    try:
        environment = find_environment(name)
        download_plan(environment, repository, run["id"], artifact)
        plan = planned_changes(environment)
        summary = summarize(plan, REPOSITORY, (*HEAD, run["head_sha"]))
    except UserError as error:
        return f"\n### {title}: main's code cannot show this plan\n\n{code(str(error))}\n"
    digest = plan_digest(plan)
    label = LABEL.format(environment=name, digest=digest)
    accept = f"; somebody else accepts it by the label {code(label)}"
    wanted = accept if summary.dangers and not environment.development else ""
    tree = artifact.rpartition("-")[2][:7]
    return (
        f"\n{as_markdown(title, summary)}\nPlan `{digest}` of tree `{tree}`, shown by main's code{wanted}\n"
    )


def main(number: str, folder: str) -> int:
    """Say which pull request is to be told, then show what its run left; return 0 also where there is none."""
    repository = os.environ["GITHUB_REPOSITORY"]
    try:
        run = ask(f"repos/{repository}/actions/runs/{number}")
        pull = told_by(run, repository)
        set_output("pull", pull["number"])
        write_told(run, repository, Path(folder))
    except NoReviewedPlanError as error:
        print(f"::notice::nothing is shown: {error}")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
