"""What was removed where: the report for a request to erase a person. It holds no id of the person."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.erasing.requests import Request
from pipelines.lineage import STREAMING_TABLES, with_readers


@dataclass(frozen=True)
class Removed:
    """What a table or a file lost. Earlier versions of a table, up to `last_version_with`, still have the rows."""

    name: str
    rows: int
    last_version_with: int | None = None
    note: str = ""


@dataclass(frozen=True)
class ErasureReport:
    """What became of a request; `earlier` are those for the same person, `files_to_do` are left to whoever asked."""

    request: Request
    tables: Sequence[Removed]
    files: Sequence[Removed]
    files_to_do: Sequence[str]
    earlier: Sequence[str]
    next_steps: Sequence[str]

    @property
    def found(self) -> bool:
        """Whether there was anything of the person."""
        return bool(self.tables or self.files or self.files_to_do)

    @property
    def made_anew(self) -> list[str]:
        """The materialized views that the next run makes without the person."""
        return [
            name for name in with_readers(one.name for one in self.tables) if name not in STREAMING_TABLES
        ]

    def lines(self) -> list[str]:
        """As a person reads it."""
        reason = f" ({self.request.reason})" if self.request.reason else ""
        nothing = "" if self.found else ": nothing found of this person"
        told = [f"request {self.request.request_id}{reason}{nothing}"]
        told += [f"requested before: {', '.join(self.earlier)}"] if self.earlier else []
        told += [_told(one, "row") for one in self.tables]
        told += [_told(one, "record") for one in self.files]
        told += [f"to be written anew without the person, by hand: {path}" for path in self.files_to_do]
        if self.tables:
            told.append(f"the next run makes anew: {', '.join(self.made_anew)}")
        return [*told, *self.next_steps]

    def write(self, folder: Path) -> Path:
        """Keeps it as JSON; gives the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.request.request_id}.json"
        told = asdict(self) | {"found": self.found, "made_anew": self.made_anew}
        told["request"] = {
            "request_id": self.request.request_id,
            "requested_at": f"{self.request.requested_at:%Y-%m-%dT%H:%M:%SZ}",
            "reason": self.request.reason,
            "ids": len(self.request.digests),
        }
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def _told(one: Removed, what: str) -> str:
    version = "" if one.last_version_with is None else f"; version {one.last_version_with} still has them"
    note = f" ({one.note})" if one.note else ""
    return f"removed from {one.name}: {one.rows} {what}{'' if one.rows == 1 else 's'}{note}{version}"
