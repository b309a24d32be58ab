"""`make torture`: all of it, within ten minutes; its figures go into docs/reliability.md."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.torture import bad_files, clock, cut_logs, full_disk, kills, two_runs
from tests.torture.figure import Figure
from tests.torture.world import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
TABLE = re.compile(r"(<!-- make torture -->\n).*?(<!-- end -->)", re.DOTALL)
TORTURES: dict[str, Callable[[Path], Figure]] = {
    "kills": lambda folder: kills.kill(folder, 50, seed=7),
    "full disk": full_disk.fill,
    "largest file": full_disk.limit,
    "two updates": lambda folder: two_runs.race(folder, 10),
    "bad files": lambda folder: bad_files.deliver(folder, bad_files.every_kind()),
    "cut logs": lambda folder: cut_logs.cut(folder, seed=7),
    "clock": clock.set_back,
}


def _figures(folder: Path) -> Iterator[Figure]:
    for name, torture in TORTURES.items():
        place, began = folder / name.replace(" ", "-"), time.monotonic()
        place.mkdir()
        figure = torture(place)
        sys.stdout.write(f"{figure.tried}: {len(figure.faults)} faults, {time.monotonic() - began:.0f} s\n")
        sys.stdout.writelines(f"  {fault}\n" for fault in figure.faults)
        sys.stdout.flush()
        yield figure


def main() -> int:
    """Exit code 1 when anything was wrong; then the page stays as it is."""
    with TemporaryDirectory(prefix="torture-") as folder:
        figures = list(_figures(Path(folder)))
    if any(figure.faults for figure in figures):
        return 1
    rows = [f"| {figure.tried} | {len(figure.faults)} |" for figure in figures]
    table = "\n".join(["| what was done | lost, doubled, unclear or left behind |", "|---|---|", *rows])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
