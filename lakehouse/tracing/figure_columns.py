"""Which columns of the tables behind a figure have a part in it, and which of these tables are followed."""

from collections.abc import Collection
from dataclasses import dataclass

from local.engine.lineage.traced_rows import TracedRows
from local.engine.lineage.traced_values import DIRECT, TracedValue
from local.engine.tracing.source_rows import TraceStep

_COMES_IN = {*DIRECT, "CONDITIONAL", "WINDOW"}


@dataclass(frozen=True)
class FigureColumns:
    """The columns of one table: `shown` come into the figure or decide which rows are behind it, None for all columns.

    `values` are those whose values come into the one column that was asked for; None where the whole row was.
    """

    shown: Collection[str] | None = None
    values: Collection[str] | None = None

    def behind(self, origins: TracedRows, source: str, keys: Collection[str]) -> "FigureColumns":
        """The columns of a source that these are made of, or decided by; its `keys` are shown, too."""
        decided = [*_values_of(origins, self.shown), origins.conditions]
        shown = {origin.column for value in decided for origin in value.uses if origin.dataset == source}
        values = None
        if self.values is not None:
            made_of = _values_of(origins, self.values)
            values = {
                origin.column
                for value in made_of
                for origin, uses in value.uses.items()
                if origin.dataset == source and uses & _COMES_IN
            }
        return FigureColumns({*shown, *keys}, values)

    def followed(self, step: TraceStep) -> set[str]:
        """The sources that are worth to be followed: where the columns tell what they are made of, these.

        A column without an origin counts rows: then all sources matter.
        """
        names = self.shown if self.values is None else self.values
        values = _values_of(step.origins, names)
        is_untold = step.origins.rest is not None or not values
        if names is None or is_untold or any(one.unknown or not one.uses for one in values):
            return {*step.behind}
        return {origin.dataset for value in values for origin, uses in value.uses.items() if uses & _COMES_IN}

    def in_order(self, names: Collection[str]) -> tuple[list[str], list[str]]:
        """Those of a table's names that are shown, what comes into the asked column first; and what does."""
        made_of = [name for name in names if name in (self.values or ())]
        others = [name for name in names if self.shown is None or name in self.shown]
        return list(dict.fromkeys([*made_of, *others])), made_of


def _values_of(origins: TracedRows, names: Collection[str] | None) -> list[TracedValue]:
    return [one.value for one in origins.columns if names is None or one.name in names]
