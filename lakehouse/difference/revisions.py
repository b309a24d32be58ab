"""The code of another revision, unpacked by git into a cache by what it holds."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from common.errors import UserError

MAIN = ("origin/main", "main")


@dataclass(frozen=True)
class Revision:
    """A revision's code: `name` as people know it, `digest` of what it holds, `root` where it stands."""

    name: str
    digest: str
    root: Path


def base_commit(root: Path, base: str | None) -> str:
    """The commit to compare with: `base`, else where HEAD left main. Raises UserError for no such revision."""
    if base:
        return _git(
            root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", else_say=f"git knows no {base}"
        )
    for name in MAIN:
        found = _run(root, "merge-base", "HEAD", name)
        if found.returncode == 0:
            return found.stdout.strip()
    raise UserError(
        f"there is no {' or '.join(MAIN)} to compare with: name a revision, `lakehouse diff HEAD~1`"
    )


def unpacked_revision(root: Path, commit: str, folder: str, cache: Path) -> Revision:
    """The `folder` below `root` (all of it, when empty) as it was at a commit, below `cache`."""
    prefix = _git(root, "rev-parse", "--show-prefix", else_say=f"{root} is no git checkout")
    tree = f"{commit}:{prefix}{folder}".rstrip("/") if prefix or folder else f"{commit}^{{tree}}"
    digest = _git(
        root, "rev-parse", "--verify", "--quiet", tree, else_say=f"{commit[:12]} has no {prefix}{folder}"
    )
    place = cache / "code" / digest
    if not place.exists():
        scratch = place.with_name(f"{digest}.new")
        rmtree(scratch, ignore_errors=True)
        target = scratch / folder
        target.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "archive", "--format=tar", digest], cwd=root, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
        scratch.rename(place)
    name = _git(root, "log", "-1", "--format=%h %s", commit, else_say="git log failed")
    return Revision(name, digest, place)


def files_at(root: Path, commit: str, folder: str) -> dict[str, str]:
    """The texts of the files in a folder as they were at a commit, by name; none where there was no such folder."""
    prefix = _run(root, "rev-parse", "--show-prefix").stdout.strip()
    listed = _run(root, "ls-tree", "--name-only", f"{commit}:{prefix}{folder}").stdout.splitlines()
    return {name: _run(root, "show", f"{commit}:{prefix}{folder}/{name}").stdout for name in listed}


def is_unchanged(root: Path, commit: str, folder: str) -> bool:
    """Whether the working tree below `folder` holds what the commit holds, untracked files and all."""
    where = folder or "."
    same = _run(root, "diff", "--quiet", commit, "--", where).returncode == 0
    return same and not _run(root, "ls-files", "--others", "--exclude-standard", "--", where).stdout.strip()


def _git(root: Path, *arguments: str, else_say: str) -> str:
    done = _run(root, *arguments)
    if done.returncode:
        raise UserError(f"{else_say}: {done.stderr.strip() or 'name a branch, a tag or a commit'}")
    return done.stdout.strip()


def _run(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
