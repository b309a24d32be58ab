"""Reads the uploaded code: every object below the root with its permissions, and the contents of the declared files."""

import hashlib

from infra.drift.declared import Declared
from infra.drift.reading.calls import Answer, Calls
from infra.drift.reading.snapshot import WorkspaceCode
from infra.drift.reading.work import levels_of, permissions_of

DIRECTORY = "DIRECTORY"
# How the permissions API calls each type of object that has levels of its own there.
GOVERNED = {DIRECTORY: "directories", "FILE": "files", "NOTEBOOK": "notebooks"}
# Databricks writes it on top of a notebook's source when it exports one.
NOTEBOOK_HEADERS = {"PYTHON": b"# ", "SQL": b"-- ", "SCALA": b"// ", "R": b"# "}
NOTEBOOK_MARK = b"Databricks notebook source\n"


def read_code(calls: Calls, declared: Declared) -> WorkspaceCode:
    """The objects below the root folder, the MD5 of each declared file, who may do what; empty without the root."""
    root = calls.find("/api/2.0/workspace/get-status", path=declared.root.values["path"])
    if root is None:
        return WorkspaceCode()
    objects = {root["path"]: root} | _tree(calls, root["path"])
    files = [resource.full_name for resource in declared.of("workspace_file", "notebook")]
    there = [path for path in files if path in objects and objects[path]["object_type"] != DIRECTORY]
    hashes = calls.each(lambda path: _hash(calls, objects[path]), there)
    below = [
        path for path, found in objects.items() if found["object_type"] in GOVERNED and path != root["path"]
    ]
    levels = calls.each(lambda path: _levels(calls, objects[path]), below)
    return WorkspaceCode(
        objects, dict(zip(there, hashes, strict=True)), dict(zip(below, levels, strict=True))
    )


def _levels(calls: Calls, found: Answer) -> dict[str, str]:
    return levels_of(permissions_of(calls, f"{GOVERNED[found['object_type']]}/{found['object_id']}"))


def _tree(calls: Calls, root: str) -> dict[str, Answer]:
    """Everything below `root`, one level of folders after another."""
    objects: dict[str, Answer] = {}
    folders = [root]
    while folders:
        levels = calls.each(
            lambda folder: calls.pages("/api/2.0/workspace/list", "objects", path=folder), folders
        )
        rows = [row for level in levels for row in level]
        objects.update((row["path"], row) for row in rows)
        folders = [row["path"] for row in rows if row["object_type"] == DIRECTORY]
    return objects


def _hash(calls: Calls, found: Answer) -> str:
    content = calls.content(found["path"])
    if content is None:
        return ""
    return md5(content, found.get("language"))


def md5(content: bytes, language: str | None = None) -> str:
    """The MD5 of a file's content; of a notebook's in `language` without the header of an export."""
    header = NOTEBOOK_HEADERS.get(language or "", b"") + NOTEBOOK_MARK
    return hashlib.md5(content.removeprefix(header), usedforsecurity=False).hexdigest()
