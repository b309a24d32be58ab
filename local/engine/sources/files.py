"""Which files stand below a path, and which of them are new."""

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from common.errors import UserError

GLOB_CHARACTERS = re.compile(r"[*?\[{]")


@dataclass(frozen=True)
class FileState:
    """A file at one moment: absolute path, bytes, nanoseconds since 1970."""

    path: str
    size: int
    modified_ns: int


def find_files(path: str, options: Mapping[str, str]) -> list[FileState]:
    """The files below a folder, those that a glob chooses, or the one file; sorted by path.

    Files and folders whose names begin with a dot or an underscore are passed over, as Spark does. Of the options
    `pathGlobFilter` (or `fileNamePattern`) chooses by the file's name, `recursiveFileLookup` false leaves out folders
    that are not named key=value. Raises UserError when the folder is not there, and for what is
    no file, cannot be read or has a name that is no text.
    """
    lower = {name.lower(): str(value) for name, value in options.items()}
    names = glob_pattern(lower.get("pathglobfilter", lower.get("filenamepattern", "*")))
    recursive = lower.get("recursivefilelookup", "true").lower() == "true"
    found = {
        file
        for start in _starts(path)
        for file in _files_below(start, recursive)
        if names.fullmatch(file.name)
    }
    return sorted(_states(found), key=lambda state: state.path)


def new_files(
    found: Sequence[FileState], known: Collection[FileState], options: Mapping[str, str]
) -> list[FileState]:
    """Those of `found` that were not read yet. A file is known by its path, whatever its date; with the option
    `cloudFiles.allowOverwrites` one whose size or time changed is new again."""
    lower = {name.lower().removeprefix("cloudfiles."): str(value) for name, value in options.items()}
    if lower.get("allowoverwrites", "false").lower() == "true":
        states = set(known)
        return [state for state in found if state not in states]
    paths = {state.path for state in known}
    return [state for state in found if state.path not in paths]


def base_folder(path: str) -> Path:
    """The folder from which the names of a path are looked at for key=value: what stands before its first glob."""
    if Path(path).exists():
        return Path(path) if Path(path).is_dir() else Path(path).parent
    parts = Path(path).parts
    return Path(
        *parts[: next((i for i, part in enumerate(parts) if GLOB_CHARACTERS.search(part)), len(parts))]
    )


def partition_values(file: str, base: Path) -> dict[str, str | None]:
    """The values that the folders between `base` and the file carry in their names, such as dt=2024-01-01; decoded."""
    folders = Path(file).relative_to(base).parts[:-1] if Path(file).is_relative_to(base) else ()
    pairs = [folder.partition("=") for folder in folders]
    return {unquote(key): _value(value) for key, equals, value in pairs if equals and key}


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob of one name in Hadoop's form (`*`, `?`, `[a-z]`, `[^a]`, `{a,b}`) as a regular expression."""
    pattern, depth, index = "", 0, 0
    while index < len(glob):
        character = glob[index]
        if character == "[" and "]" in glob[index + 2 :]:
            end = glob.index("]", index + 2)
            inside = glob[index + 1 : end].replace("\\", "\\\\")
            pattern += f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]"
            index = end
        elif character == "\\" and index + 1 < len(glob):
            index += 1
            pattern += re.escape(glob[index])
        elif character in "{,}" and (depth or character == "{"):
            depth += {"{": 1, ",": 0, "}": -1}[character]
            pattern += {"{": "(?:", ",": "|", "}": ")"}[character]
        else:
            pattern += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
        index += 1
    return re.compile(pattern + ")" * depth, re.DOTALL)


def _starts(path: str) -> list[Path]:
    if Path(path).exists():
        return [Path(path)]
    if not GLOB_CHARACTERS.search(path):
        raise UserError(f"{path} is not there: deliver the files, or name the folder or file that is read")
    return [
        start
        for one in _without_folders_in_braces(path)
        for start in _globbed(base_folder(one), Path(one).parts[len(base_folder(one).parts) :])
    ]


def _without_folders_in_braces(path: str) -> list[str]:
    """The globs that one with a slash between braces means, such as {a/x,b/y}.csv."""
    for braces in re.finditer(r"\{([^{}]*)\}", path):
        if "/" in braces[1]:
            chosen = [f"{path[: braces.start()]}{one}{path[braces.end() :]}" for one in braces[1].split(",")]
            return [glob for one in chosen for glob in _without_folders_in_braces(one)]
    return [path]


def _globbed(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    if not parts:
        yield folder
    elif folder.is_dir():
        pattern = glob_pattern(parts[0])
        for entry in sorted(folder.iterdir()):
            if pattern.fullmatch(entry.name) and not _is_hidden(entry.name):
                yield from _globbed(entry, parts[1:])


def _files_below(start: Path, recursive: bool) -> Iterator[Path]:
    if start.is_file():
        yield start
        return
    for folder, folders, files in os.walk(start, followlinks=True):
        folders[:] = [name for name in folders if not _is_hidden(name) and (recursive or "=" in name)]
        yield from (Path(folder, name) for name in files if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _states(files: Iterable[Path]) -> Iterator[FileState]:
    for file in files:
        path = str(file.absolute())
        try:
            facts = file.stat()
            path.encode()
        except UnicodeEncodeError:
            raise UserError(f"{path!a}: the name is no text in UTF-8: rename the file") from None
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not file.is_symlink():
                # It was moved away since the folder was looked through.
                continue
            raise UserError(
                f"{path} cannot be read ({error.strerror}): deliver it whole or remove it"
            ) from None
        if not stat.S_ISREG(facts.st_mode):
            raise UserError(f"{path} is a pipe, a socket or a device, which has no end: remove it")
        yield FileState(path, facts.st_size, facts.st_mtime_ns)


def _value(text: str) -> str | None:
    return None if text == "__HIVE_DEFAULT_PARTITION__" else unquote(text)
