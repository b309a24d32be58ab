"""The uploaded code: every file by content, and what nobody uploaded."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from infra.drift import commands
from infra.drift.compare.missing import lost_with
from infra.drift.declared import Declared, Resource
from infra.drift.findings import DECLARED, UNDECLARED, Finding, Severity, likely_effect
from infra.drift.reading.code import DIRECTORY, md5
from infra.drift.reading.snapshot import Document, Snapshot

TYPES = {"directory": DIRECTORY, "workspace_file": "FILE", "notebook": "NOTEBOOK"}
NAMES = {"directory": "folder", "workspace_file": "file", "notebook": "notebook"}


def compare_files(declared: Declared, snapshot: Snapshot, stack_folder: Path) -> Iterator[Finding]:
    """Missing, changed and undeclared ones below the root; of a missing folder the folder only.

    `stack_folder` holds the synthesized stack's assets: the repository's files as they would be uploaded.
    """
    objects = snapshot.code.objects
    declared_paths = {resource.full_name: resource for resource in declared.of(*TYPES)}
    for path, resource in declared_paths.items():
        if path in objects:
            yield from _changed(resource, objects[path], snapshot, declared, stack_folder)
        elif str(PurePosixPath(path).parent) in objects or resource == declared.root:
            yield _finding(resource, None, "", DECLARED, None, declared, seen=True)
    yield from _undeclared(objects, set(declared_paths))


def _changed(
    resource: Resource, found: Document, snapshot: Snapshot, declared: Declared, stack_folder: Path
) -> Iterator[Finding]:
    wanted = TYPES[resource.kind]
    if found["object_type"] != wanted:
        yield _finding(resource, found, "type", wanted, found["object_type"], declared, seen=True)
        return
    if resource.kind == "directory":
        return
    if found.get("language") != resource.values.get("language"):
        languages = (resource.values.get("language"), found.get("language"))
        yield _finding(resource, found, "language", *languages, declared, seen=True)
    expected = md5((stack_folder / resource.values["source"]).read_bytes(), resource.values.get("language"))
    actual = snapshot.code.hashes.get(resource.full_name)
    if actual != expected:
        yield _finding(resource, found, "content", f"md5 {expected}", f"md5 {actual}", declared, seen=False)


def _finding(
    resource: Resource,
    found: Document | None,
    field: str,
    expected: str | None,
    actual: str | None,
    declared: Declared,
    *,
    seen: bool,
) -> Finding:
    return Finding(
        Severity.WORK if found else lost_with(resource.kind),
        NAMES[resource.kind],
        resource.full_name,
        field,
        expected,
        actual,
        likely_effect(seen=seen),
        by_hand=_by_hand(resource, declared),
        address=resource.address,
        changed_at=(found or {}).get("modified_at"),
    )


def _by_hand(resource: Resource, declared: Declared) -> str:
    path = PurePosixPath(resource.full_name)
    if resource.kind == "directory":
        return commands.cli("workspace", "mkdirs", str(path))
    file = str(path.relative_to(declared.root.full_name))
    if resource.kind == "workspace_file":
        return commands.upload_command(str(path), file)
    language = resource.values["language"]
    return commands.cli(
        "workspace", "import", str(path), "--file", file, "--language", language, "--overwrite"
    )


def _undeclared(objects: Mapping[str, Document], known: set[str]) -> Iterator[Finding]:
    """The topmost object of each tree that nobody declared."""
    for path, found in sorted(objects.items()):
        if path in known or str(PurePosixPath(path).parent) not in known:
            continue
        is_folder = found["object_type"] == DIRECTORY
        yield Finding(
            Severity.WORK,
            "folder" if is_folder else "file",
            path,
            "",
            None,
            UNDECLARED,
            likely_effect(seen=False),
            by_hand=commands.cli("workspace", "delete", path, *(["--recursive"] if is_folder else [])),
            changed_at=found.get("modified_at"),
        )
