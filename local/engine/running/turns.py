"""In which order tables are written, by threads that write side by side."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import wraps
from threading import Condition, RLock
from typing import ParamSpec, TypeVar

from common.errors import UserError
from local.engine.language.definitions import Definitions

Given = ParamSpec("Given")
Result = TypeVar("Result")


class InCircle(UserError):  # noqa: N818 - it says what, not only that it failed
    """Tables read each other in a circle; `name` is one of them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"the tables read each other in a circle: {' reads '.join(names)}")
        self.name = names[0]


class Turns:
    """Gives each table to one thread, after those that it is known to read.

    `read_before` are those that each read in the update before this: its code may read others by now.
    """

    def __init__(
        self, names: Sequence[str], read_before: Mapping[str, AbstractSet[str]], at_once: int
    ) -> None:
        self._names = names
        self._read_before = read_before
        self._at_once = at_once
        self._left = set(names)
        self._writing: set[str] = set()
        self._sources: dict[str, set[str]] = defaultdict(set)
        self._stopped = False
        self._changed = Condition()

    def take(self) -> str | None:
        """The next table, as soon as it can be written; None when nothing is left to do.

        Raises InCircle for tables that do.
        """
        with self._changed:
            while (self._left or self._writing) and not self._stopped:
                name = self._next() if len(self._writing) < self._at_once else None
                if name:
                    self._left.remove(name)
                    self._writing.add(name)
                    return name
                self._changed.wait()
            return None

    def done(self, name: str) -> None:
        """A table needs no more work, written or not."""
        with self._changed:
            self._writing.remove(name)
            self._changed.notify_all()

    def put_back(self, name: str, source: str | None = None) -> None:
        """A table that is to be written after its `source`; without one, alone, as are all after it."""
        with self._changed:
            if source:
                self._sources[name].add(source)
            else:
                self._at_once = 1
            self._left.add(name)
            self.done(name)

    def stop(self) -> None:
        """No table is given any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def is_alone(self) -> bool:
        """Whether no table is written beside the one that asks, now and until that is done."""
        with self._changed:
            return self._at_once == 1 and len(self._writing) == 1

    def _next(self) -> str | None:
        unwritten = self._left | self._writing
        free = [name for name in self._names if name in self._left and not self._sources[name] & unwritten]
        if not free and not self._writing:
            raise InCircle(self._circle())
        ready = [name for name in free if not (self._read_before.get(name, set()) - {name}) & unwritten]
        return next(iter(ready or ([] if self._writing else free)), None)

    def _circle(self) -> list[str]:
        path = [next(name for name in self._names if name in self._left)]
        while path[-1] not in path[:-1]:
            path.append(min(self._sources[path[-1]] & self._left))
        return path[path.index(path[-1]) :]


def called_in_turn(definitions: Definitions) -> None:
    """Of the pipeline's own functions only one is called at a time: they may share what is no table."""
    calling = RLock()

    def in_turn(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(function)
        def called(*given: Given.args, **named: Given.kwargs) -> Result:
            with calling:
                return function(*given, **named)

        return called

    definitions.flows = [replace(flow, query=in_turn(flow.query)) for flow in definitions.flows]
    definitions.snapshot_flows = [
        replace(flow, source=flow.source if isinstance(flow.source, str) else in_turn(flow.source))
        for flow in definitions.snapshot_flows
    ]
