"""Which line of a pipeline's own code defined something, or failed."""

import inspect
import traceback
from pathlib import Path

from common.errors import UserError
from local.engine.language.model import Place

_ENGINE = Path(__file__).parents[1]


class PlacedError(UserError):
    """An error of which the place is known, as of a statement of SQL, where no frame of Python tells it."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


def is_own(file: str | Path, root: Path) -> bool:
    """Whether the file is the pipeline's: below its root, and neither the engine's nor an installed package's."""
    path = Path(file)
    return (
        path.is_relative_to(root) and not path.is_relative_to(_ENGINE) and "site-packages" not in path.parts
    )


def caller(root: Path) -> Place:
    """The line that called into the engine: the innermost of the pipeline's own, else the first outside the engine."""
    outside: Place | None = None
    frame = inspect.currentframe()
    while frame:
        place = Place(Path(frame.f_code.co_filename), frame.f_lineno)
        if is_own(place.file, root):
            return place
        outside = outside or (None if place.file.is_relative_to(_ENGINE) else place)
        frame = frame.f_back
    assert outside
    return outside


def place_of(error: BaseException, root: Path, otherwise: Path) -> str:
    """`file:line`, relative to `root`, of the pipeline's own code that an error came from, else `otherwise`."""
    if isinstance(error, PlacedError):
        return error.place.shown(root)
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename, root):
        return Place(Path(error.filename), error.lineno or 1).shown(root)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename, root)]
    if own:
        return Place(Path(own[-1].filename), own[-1].lineno or 1).shown(root)
    return str(otherwise.relative_to(root) if otherwise.is_relative_to(root) else otherwise)
