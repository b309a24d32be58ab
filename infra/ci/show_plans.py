"""Shows the plans of a pull request by main's code: `python -m infra.ci.show_plans RUN FOLDER`, once the run has ended.

Writes FOLDER/plans.md and, where the run left it, FOLDER/data.json (what the change does to the data), and
`pull=NUMBER` to the file $GITHUB_OUTPUT; nothing where the run is none to be told of, for which the reason is shown.
What a run leaves is data: none of it is run, and what it claims is told as its claim.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from common.checkout import REPOSITORY
from common.errors import UserError
from common.markdown import code
from infra.ci.artifacts import PLAN, download_plan, planned_changes
from infra.ci.claims import CLAIM, claim_lines, read_claim
from infra.ci.github import GitHubObject, ask, download_artifact, pages, plan_runs, set_output
from infra.ci.reviewed_plan import LABEL, NoReviewedPlanError, is_newest, own_runs, planned_pull
from infra.review.digest import plan_digest
from infra.review.files import HEAD
from infra.review.render import as_markdown
from infra.review.summary import summarize
from infra.stack.environments import STACK_PREFIX, find_environment

DATA, DATA_FILE = "data", "data.json"
# GitHub takes 65,536 characters, and the part on the data is in the same comment.
MOST_TEXT = 44_000


def planned_by(run: GitHubObject, repository: str) -> GitHubObject:
    """The pull request whose newest plans are those of `run`; UserError with the reason when there is none."""
    commit = run["head_sha"]
    pull = planned_pull(pages(f"repos/{repository}/commits/{commit}/pulls"), run, repository)
    if not is_newest(run, own_runs(plan_runs(repository, commit), pull, repository)):
        raise NoReviewedPlanError(f"a later run tells of #{pull['number']}")
    return pull


def write_plans(run: GitHubObject, repository: str, folder: Path) -> None:
    """Write what `run` planned, and what it says of the data, into `folder`."""
    found = pages(f"repos/{repository}/actions/runs/{run['id']}/artifacts", "artifacts")
    left = {one["name"] for one in found if not one["expired"]}
    plans = {name: match["environment"] for name in sorted(left) if (match := PLAN.fullmatch(name))}
    claim = read_claim(_text(run, repository, CLAIM, CLAIM)) if CLAIM in left else None
    told = claim_lines(claim, set(plans.values()), run["html_url"])
    sections = (_section(name, plans[name], run, repository) for name in plans)
    (folder / "plans.md").write_text("\n".join([*told, *_that_fit(sections, len(plans))]), encoding="utf-8")
    if DATA in left:
        (folder / DATA_FILE).write_text(_text(run, repository, DATA, DATA_FILE), encoding="utf-8")


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


def _text(run: GitHubObject, repository: str, artifact: str, file: str) -> str:
    """The text of a file of an artifact, empty where there is none."""
    with TemporaryDirectory() as folder:
        download_artifact(repository, run["id"], artifact, Path(folder))
        found = Path(folder) / file
        return found.read_text(encoding="utf-8", errors="replace") if found.is_file() else ""


def main(number: str, folder: str) -> int:
    """Say which pull request is to be told, then show its plans; return the exit code, 0 where there is none."""
    repository = os.environ["GITHUB_REPOSITORY"]
    try:
        run = ask(f"repos/{repository}/actions/runs/{number}")
        pull = planned_by(run, repository)
        set_output("pull", pull["number"])
        write_plans(run, repository, Path(folder))
    except NoReviewedPlanError as error:
        print(f"::notice::nothing is shown: {error}")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
