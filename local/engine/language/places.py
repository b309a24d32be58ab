"""Which line of a pipeline's own code defined something, or failed."""

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from common.errors import UserError
from local.engine.language.model import Place

_ENGINE = Path(__file__).parents[1]


Keep = Callable[["PlacedError"], None]


class PlacedError(UserError):
    """An error of which the place is known; `cause` is what was raised there, where this only adds the place.

    `stops` says that nothing below it in the file was read.
    """

    def __init__(self, place: Place, message: str, cause: BaseException | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.cause = cause or self
        self.stops = False


class NotParsed(UserError):  # noqa: N818 - it says what, not only that it failed
    """A text is not SQL; `line` says in which of its lines that shows, where it is known."""

    line: int | None = None


def raised(error: PlacedError) -> None:
    """Raises the error: whoever is not told to keep what is wrong stops at the first."""
    raise error


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


def caller_within(root: Path, until: FrameType | None) -> Place | None:
    """The innermost line of the pipeline's own that runs now, of those that the frame `until` led to."""
    frame = inspect.currentframe()
    while frame and frame is not until:
        if is_own(frame.f_code.co_filename, root):
            return Place(Path(frame.f_code.co_filename), frame.f_lineno)
        frame = frame.f_back
    return None


def place_of(error: BaseException, root: Path, otherwise: Place) -> Place:
    """The line of the pipeline's own code that an error came from, else `otherwise`."""
    if isinstance(error, PlacedError):
        return error.place
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename, root):
        return Place(Path(error.filename), error.lineno or 1)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename, root)]
    return Place(Path(own[-1].filename), own[-1].lineno or 1) if own else otherwise
