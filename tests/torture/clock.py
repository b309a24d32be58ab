"""A clock that goes back between updates, and files that are dated before those that came earlier."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.torture.figure import Figure
from tests.torture.world import World

DAYS = (0, 1, 400, 3, 0)
DAY = 86_400
# Programs ask the C library for the time: Python, Sail and delta-rs do.
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long back(void) { const char *given = getenv("CLOCK_BACK"); return given ? atol(given) : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec -= back();
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int result = real(now, zone);
    now->tv_sec -= back();
    return result;
}
time_t time(time_t *now) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (now) *now = found.tv_sec;
    return found.tv_sec;
}
"""


def set_back(folder: Path, days: Sequence[int] = DAYS) -> Figure:
    """An update on a clock that is so many days behind, for each, with a file of that date."""
    if not shutil.which("cc"):
        return Figure("a clock that goes back: not tried, since there is no C compiler", [])
    world, shim, faults = World(folder, 9), _shim(folder), list[str]()
    for back in days:
        world.deliver()
        newest = max((world.home.volumes / "shop" / "files" / "lines").glob("*.json"))
        then = time.time() - back * DAY
        os.utime(newest, (then, then))
        ended = world.run(LD_PRELOAD=str(shim), CLOCK_BACK=str(back * DAY))
        faults += [ended.stderr.strip()[-300:]] if ended.returncode else []
        faults += world.faults(ended=True)
    faults += [] if _went_back(world) else ["the clock did not go back"]
    return Figure(f"{len(days)} updates on clocks that are {', '.join(map(str, days))} days behind", faults)


def _shim(folder: Path) -> Path:
    source, shim = folder / "clock.c", folder / "clock.so"
    source.write_text(SHIM, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"], check=True)
    return shim


def _went_back(world: World) -> bool:
    """Whether commits of a table are dated before earlier ones."""
    commits = sorted((world.home.warehouse / "shop.db" / "lines" / "_delta_log").glob("*.json"))
    first_lines = [json.loads(commit.read_text("utf-8").splitlines()[0]) for commit in commits]
    times = [line["commitInfo"]["timestamp"] for line in first_lines]
    return times != sorted(times)
