"""Changed pipeline and generator files as a short diff.

A plan has only the md5 of each version, so both are looked up by it: in the checkout, then in git's history.
"""

import difflib
import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.counting import counted
from infra.review.plan import ResourceChange
from infra.stack.sources import ERASURE_ENTRY, GENERATOR_ENTRY, UPLOADED

MOST_LINES = 20
TOP = {*UPLOADED, str(GENERATOR_ENTRY), str(ERASURE_ENTRY)}
MOST_VERSIONS = 50
HEAD = ("HEAD",)
# cdktf names an asset's folder after the md5 of what is in it.
ASSET = re.compile(r"/([0-9A-F]{32})/[^/]+$")


@dataclass(frozen=True)
class FileDiff:
    """A changed file: its path in the repository (or the workspace) and a unified diff without its header."""

    path: str
    added: int
    removed: int
    lines: tuple[str, ...]
    note: str = ""


def file_diff(change: ResourceChange, checkout: Path, commits: Sequence[str] = HEAD) -> FileDiff | None:
    """The short diff of a changed workspace file, None for any other change; versions also from before `commits`."""
    if change.kind != "workspace_file" or change.action != "change":
        return None
    path = repository_path(str(change.after.get("path", "")))
    old, new = md5_of(change.before), md5_of(change.after)
    before, after = (_version(checkout, path, md5, commits) if path else None for md5 in (old, new))
    if before is None or after is None:
        missing = "the old" if before is None else "the new"
        return FileDiff(
            str(path or change.after.get("path")), 0, 0, (), f"{missing} version is not in git's history"
        )
    return _diff(str(path), before, after)


def repository_path(workspace_path: str) -> Path | None:
    """Where an uploaded file stands in the repository, None when it is none of ours."""
    parts = Path(workspace_path).parts
    start = next((number for number, part in enumerate(parts) if part in TOP), None)
    return None if start is None else Path(*parts[start:])


def md5_of(values: Mapping[str, Any]) -> str:
    """The content's md5: from the asset's path, since the provider may say only `different`, else as declared."""
    asset = ASSET.search(str(values.get("source") or ""))
    return asset[1].lower() if asset else str(values.get("md5") or "")


def _diff(path: str, before: str, after: str) -> FileDiff:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    added, removed = (sum(line.startswith(mark) for line in lines) for mark in "+-")
    left_out = len(lines) - MOST_LINES
    note = counted(left_out, "more line") if left_out > 0 else ""
    return FileDiff(path, added, removed, tuple(lines[:MOST_LINES]), note)


def _version(checkout: Path, path: Path, md5: str, commits: Sequence[str]) -> str | None:
    """The text of `path` whose md5 is `md5`: from the checkout, else from git's history."""
    candidates = (content for content in _versions(checkout, path, commits) if _md5(content) == md5)
    found = next(candidates, None)
    return None if found is None else found.decode(errors="replace")


def _versions(checkout: Path, path: Path, commits: Sequence[str]) -> Iterator[bytes]:
    if (checkout / path).is_file():
        yield (checkout / path).read_bytes()
    log = _git(checkout, "log", f"-{MOST_VERSIONS}", "--format=%H", *commits, "--", str(path))
    for commit in log.decode().split():
        yield _git(checkout, "show", f"{commit}:{path.as_posix()}")


def _git(checkout: Path, *arguments: str) -> bytes:
    """Git's answer, empty where there is no git, no repository or no such version."""
    try:
        return subprocess.run(
            ["git", "-C", str(checkout), *arguments], capture_output=True, check=False
        ).stdout
    except FileNotFoundError:
        return b""


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
