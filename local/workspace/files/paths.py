"""Names that callers give: workspace paths and volume paths, checked before they reach any file."""

from local.workspace.calls.errors import invalid

_MAX_PATH = 4096


def workspace_path(given: str) -> str:
    """The one name of a workspace object: absolute, no trailing slash; `/Workspace/X` is `/X`."""
    parts = _parts(given)
    if parts and parts[0] == "Workspace":
        parts = parts[1:]
    return "/" + "/".join(parts)


def parent_of(path: str) -> str:
    """The folder that holds a workspace path."""
    return path.rpartition("/")[0] or "/"


def volume_parts(given: str) -> tuple[str, str, str, list[str]]:
    """Catalog, schema and volume of `/Volumes/<catalog>/<schema>/<volume>/...`, and what is below it."""
    parts = _parts(given)
    if len(parts) < 4 or parts[0] != "Volumes":
        raise invalid(f"{given!r} is not in a volume: expected /Volumes/<catalog>/<schema>/<volume>/<path>")
    return parts[1], parts[2], parts[3], parts[4:]


def _parts(given: str) -> list[str]:
    if not given.startswith("/"):
        raise invalid(f"{given!r} is not an absolute path")
    parts = [part for part in given.split("/") if part]
    if any(part in {".", ".."} for part in parts) or not _is_text(given) or len(given) > _MAX_PATH:
        raise invalid(
            f"{given[:200]!r} is not a valid path: no '.', '..' or NUL, {_MAX_PATH} characters at most"
        )
    return parts


def _is_text(given: str) -> bool:
    try:
        return b"\0" not in given.encode()
    except UnicodeEncodeError:
        return False
