"""This repository's pipelines as the engine takes them: it runs any project's and knows none by name."""

from collections.abc import Iterable
from pathlib import Path

from common.checkout import REPOSITORY
from local.engine.language.spec import PipelineSpec, read_spec
from pipelines.catalog import CATALOG, PIPELINES, VOLUMES, Pipeline, Volume


def spec_of(name: str, root: Path = REPOSITORY) -> PipelineSpec:
    """The pipeline called `name` (one of `catalog.PIPELINES`), with its files below the checkout `root`.

    It has the configuration that infra/ gives it on Databricks. Raises KeyError for another name.
    """
    return spec_in({each.name: each for each in PIPELINES}[name], CATALOG, VOLUMES, root)


def spec_in(pipeline: Pipeline, catalog: str, volumes: Iterable[Volume], root: Path) -> PipelineSpec:
    """The same of a catalog that another revision names."""
    paths = {volume.setting: volume_path(catalog, volume) for volume in volumes}
    return PipelineSpec(
        name=pipeline.name,
        root=root,
        libraries=[pipeline.files],
        catalog=catalog,
        schema=pipeline.schemas[0],
        configuration=paths | dict(pipeline.settings),
    )


def all_specs(file: Path | None = None) -> list[PipelineSpec]:
    """All of this repository's pipelines; with a spec file of any other project the one that it describes."""
    return [read_spec(file)] if file else [spec_of(pipeline.name) for pipeline in PIPELINES]


def volume_path(catalog: str, volume: Volume) -> str:
    """Where the files of a volume stand."""
    return f"/Volumes/{catalog}/{volume.schema}/{volume.name}"
