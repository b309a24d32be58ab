"""From rows of a query back to the rows of the tables that it reads."""

from collections import defaultdict
from collections.abc import Sequence

from local.engine.language.model import Flow
from local.engine.tracing.asking import Asking
from local.engine.tracing.source_rows import SourceRow, TraceStep, columns_to_find, differing, mark_of


def rows_behind_query(step: TraceStep, flow: Flow, asking: Asking, keys: Sequence[str]) -> None:
    """Adds what is behind the step's rows. Raises NotTraceable.

    `keys` tell these apart; without any a row is found again where all of its values are given.
    """
    names = keys or columns_to_find(step.rows)
    places = step.by(names)
    found = defaultdict(list)
    for values, carried in asking.again(step, flow.query(), names):
        for place in places.get(mark_of(values, names), ()):
            if keys or not differing(values, step.rows[place]):
                step.found(place, values)
                found[place] += carried
    for place in sorted(found):
        for source, rows in found[place]:
            step.add(source, map(SourceRow, rows), [place])
