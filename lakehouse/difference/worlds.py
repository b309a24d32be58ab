"""Raw files that both revisions read: worlds that are made, one of the published shape, or a folder."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.planning.fingerprint import files_fingerprint

# Orders of each of the two runs, and the share of dirty rows in the second.
GENERATED: Mapping[str, tuple[int, float]] = {"clean": (1000, 0.0), "dirty": (1000, 0.05)}
# A few rows of the published dataset's shape, made by hand.
OLIST = REPOSITORY / "tests" / "data" / "olist"
WORKSPACE = "workspace:"
_VOLUME = re.compile(r"/Volumes/[^/\s]+/(\w+)/(\w+)")


@dataclass(frozen=True)
class RawFiles:
    """Raw files: `volumes` is what stands below /Volumes/<catalog>, `digest` names what they hold."""

    volumes: Path
    digest: str


def world_of(named: str, rows: int, cache: Path, specs: Sequence[PipelineSpec]) -> RawFiles:
    """A world by its name or folder; one that is made stands below `cache`.

    Raises UserError for what is neither, and for a folder without a volume of those that the pipelines (`specs`) name.
    `workspace:<environment>` is a sample of so many orders (`rows`) of that workspace, faked where it is personal.
    """
    if named in GENERATED:
        volumes = _generated(cache / "worlds", named)
    elif named == OLIST.name:
        volumes = _olist(cache / "worlds")
    elif named.startswith(WORKSPACE):
        volumes = _sampled(cache / "worlds", named.removeprefix(WORKSPACE), rows)
    else:
        volumes = _volumes(Path(named), specs)
    return RawFiles(volumes.resolve(), files_fingerprint(str(volumes.resolve())))


def _volumes(folder: Path, specs: Sequence[PipelineSpec]) -> Path:
    """The folder of volumes of a home, or the folder itself when schemas of volumes stand in it."""
    volumes = folder / "volumes" if (folder / "volumes").is_dir() else folder
    if volumes is folder and not any(path.is_dir() for path in folder.glob("*/*")):
        names = ", ".join([*GENERATED, OLIST.name, f"{WORKSPACE}ENV"])
        raise UserError(
            f"--world {folder}: name one of {names}, a home, or a folder with <schema>/<volume>/..."
        )
    read = _volumes_named(specs)
    if read and not any((volumes / volume).is_dir() for volume in read):
        raise UserError(
            f"--world {folder}: {volumes} holds none of the volumes that the pipelines read: name the folder that has "
            f"{', '.join(sorted(read))} in it, as below /Volumes/<catalog>"
        )
    return volumes


def _volumes_named(specs: Sequence[PipelineSpec]) -> set[str]:
    """The volumes, as <schema>/<volume>, whose paths stand in the settings or the files of pipelines."""
    texts = [text for spec in specs for text in spec.configuration.values()]
    texts += [file.read_text(encoding="utf-8") for spec in specs for file in spec.files()]
    return {"/".join(found) for text in texts for found in _VOLUME.findall(text)}


def _generated(cache: Path, name: str) -> Path:
    from generator.engine import generate
    from generator.spec import Settings

    orders, dirty = GENERATED[name]
    code = b"".join(file.read_bytes() for file in sorted((REPOSITORY / "generator").rglob("*.py")))
    digest = hashlib.sha256(repr((orders, dirty)).encode() + code).hexdigest()[:16]

    def fill(place: Path) -> None:
        home = Home(place)
        for share in (0.0, dirty):
            generate(Settings(orders, None, None, None, 2, share, None), home.raw, home.cdc)

    return _made_once(cache / f"{name}-{digest}", fill) / "volumes"


def _olist(cache: Path) -> Path:
    from lakehouse.olist import load_files

    def fill(place: Path) -> None:
        load_files(OLIST, Home(place))

    files = files_fingerprint(str(OLIST))
    return _made_once(cache / f"olist-{files[:16]}", fill) / "volumes"


def _sampled(cache: Path, environment: str, rows: int) -> Path:
    from lakehouse.difference.sampling import write_sample
    from lakehouse.difference.workspace import query_of_environment

    def fill(place: Path) -> None:
        write_sample(query_of_environment(environment), rows, Home(place))

    return _made_once(cache / f"workspace-{environment}-{rows}", fill) / "volumes"


def _made_once(place: Path, fill: Callable[[Path], None]) -> Path:
    """A folder that is filled once, and whole."""
    if not place.exists():
        scratch = place.with_name(f"{place.name}.new")
        rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        fill(scratch)
        scratch.rename(place)
    return place
