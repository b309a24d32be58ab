"""Where the lakehouse of one machine keeps its files."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError

HOME_VARIABLE = "LAKEHOUSE_HOME"
DEFAULT_HOME = ".lakehouse"
UNUSABLE = re.compile(r"[\s'\"`%#?*\[\]{}]")


@dataclass(frozen=True)
class Home:
    """The folders of one lakehouse, all below `path` (absolute).

    `volumes` holds the files that Unity Catalog keeps under /Volumes/<catalog>, `warehouse` the Delta tables
    (`<schema>.db/<table>`), `state` what the engine remembers between runs and `workspace` the local workspace.
    """

    path: Path

    @classmethod
    def find(cls, path: Path | None = None) -> "Home":
        """The home named by `path`, else by $LAKEHOUSE_HOME, else `.lakehouse` in the current folder."""
        chosen = (path or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)).expanduser().absolute()
        if chosen.exists() and not chosen.is_dir():
            raise UserError(f"{chosen} is a file; --home and ${HOME_VARIABLE} name a folder")
        if UNUSABLE.search(str(chosen)):
            raise UserError(
                f"{chosen}: Spark cannot keep files below a path with blanks, quotes or one of %#?*[]{{}}; name "
                f"another folder with --home or ${HOME_VARIABLE}"
            )
        return cls(chosen)

    @property
    def volumes(self) -> Path:
        """What stands under /Volumes/<catalog>."""
        return self.path / "volumes"

    @property
    def raw(self) -> Path:
        """One folder of CSV files a dataset."""
        return self.volumes / "raw" / "olist"

    @property
    def cdc(self) -> Path:
        """One folder of JSON lines files an entity."""
        return self.volumes / "cdc" / "cdc_volume"

    @property
    def erasures(self) -> Path:
        """Requests to erase a person, a file of JSON lines each."""
        return self.volumes / "privacy" / "erasure_requests"

    @property
    def warehouse(self) -> Path:
        """The Delta tables, `<schema>.db/<table>`."""
        return self.path / "warehouse"

    @property
    def state(self) -> Path:
        """The lock, the record of what ran and the event log."""
        return self.path / "state"

    @property
    def workspace(self) -> Path:
        """The local workspace's own state."""
        return self.path / "workspace"

    def kept(self, path: str) -> str:
        """A path as it is remembered: below the home relative to it, so that the home may be moved."""
        return path.removeprefix(f"{self.path}/")

    def found(self, kept: str) -> str:
        """Where a path that is remembered stands now."""
        return str(self.path / kept)
