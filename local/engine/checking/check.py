"""The check of pipelines: what of them is wrong, all of it, without an update."""

from collections.abc import Sequence

from common.home import Home
from local.engine.checking.analysis import Analysis
from local.engine.checking.findings import Finding
from local.engine.checking.pipeline import PipelineCheck
from local.engine.checking.shapes import Shape
from local.engine.evaluating.observing import PlanObserver
from local.engine.language.spec import PipelineSpec
from local.engine.running.opening import session_on
from local.engine.sessions import sail


def check(specs: Sequence[PipelineSpec], home: Home) -> list[Finding]:
    """What of the pipelines is wrong, by file and line; each may read what those before it define.

    Tables of other pipelines are those that stand in `home`, which need not be there. Nothing is written, and of data
    only the columns are read. Raises UserError for a pipeline that has no files.
    """
    findings: list[Finding] = []
    known: dict[str, Shape] = {}
    for spec in specs:
        channel = sail.channel()
        with session_on(channel, PlanObserver(only_looks=True)) as (session, observer):
            observer.current = spec.current
            one = PipelineCheck(spec, home, session, observer, Analysis(channel), known)
            one.run()
        findings += one.findings
        known |= {name: one.shapes[name] or Shape() for name in one.definitions.tables()}
    return sorted(findings, key=lambda each: (each.level, str(each.place.file), each.place.line))
