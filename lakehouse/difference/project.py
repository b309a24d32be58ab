"""Whose pipelines are compared: this repository's at any revision, or those of a spec."""

import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.errors import UserError
from common.home import Home
from lakehouse.main_job import NEEDED, ready_part
from lakehouse.specs import spec_in
from local.engine.language.spec import PipelineSpec, read_spec
from pipelines.catalog import CDC
from pipelines.schemas import TABLES


@dataclass(frozen=True)
class Project:
    """`folder` is what a revision is unpacked of, below `root`; `spec` names another project's spec, below it, too.

    `keys` are those of tables that are known; of others they are looked for.
    """

    root: Path
    folder: str = "pipelines"
    spec: Path | None = None
    keys: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {table.name: table.keys for table in TABLES}
    )

    def specs(self, root: Path) -> list[PipelineSpec]:
        """The pipelines, in an order in which they can run, as the code below `root` names them."""
        if self.spec:
            return [read_spec(root / self.spec)]
        catalog = root / "pipelines" / "catalog.py"
        try:
            named = runpy.run_path(str(catalog))
            return [
                spec_in(pipeline, named["CATALOG"], named["VOLUMES"], root)
                for pipeline in named["PIPELINES"]
                if (root / "pipelines" / pipeline.name).is_dir()
            ]
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise UserError(f"{catalog} does not name pipelines as today's catalog does: {reason}") from None

    def ready(self, spec: PipelineSpec, home: Home) -> PipelineSpec:
        """What of a pipeline has something to read by now; it has no libraries when nothing has."""
        if self.spec:
            return spec
        # As the volume of a workspace is.
        home.erasures.mkdir(parents=True, exist_ok=True)
        if home.cdc.is_dir():
            # What is ready is told by today's lineage, and another revision may have another.
            return spec
        return replace(spec, libraries=[]) if spec.name == CDC.name else ready_part(spec, home)

    def needs(self, spec: PipelineSpec) -> set[str]:
        """The pipelines that must have succeeded before one."""
        return set() if self.spec else NEEDED.get(spec.name, set())


def project_of(root: Path, spec: Path | None) -> Project:
    """The project below `root`; `spec` is a file below it. Raises UserError for one that is not."""
    if spec is None:
        return Project(root)
    file = spec.resolve()
    top = next((folder for folder in file.parents if (folder / ".git").exists()), None)
    if top is None:
        raise UserError(f"{spec} stands in no git checkout: there is nothing to compare with")
    return Project(top, "", file.relative_to(top), {})
