"""This repository's pipelines as the engine takes them: it runs any project's and knows none by name."""

from collections.abc import Iterable
from pathlib import Path

from common.checkout import REPOSITORY
from local.engine.language.spec import PipelineSpec
from pipelines.catalog import CATALOG, PIPELINES, VOLUMES, Pipeline, Volume


def spec_of(name: str, root: Path = REPOSITORY) -> PipelineSpec:
    """The pipeline called `name` (one of `catalog.PIPELINES`), with its files below the checkout `root`.

    It has the configuration that infra/ gives it on Databricks. Raises KeyError for another name.
    """
    return spec_in({each.name: each for each in PIPELINES}[name], CATALOG, VOLUMES, root)


def spec_in(pipeline: Pipeline, catalog: str, volumes: Iterable[Volume], root: Path) -> PipelineSpec:
    """The same of a catalog that another revision names."""
    paths = {volume.setting: f"/Volumes/{catalog}/{volume.schema}/{volume.name}" for volume in volumes}
    return PipelineSpec(
        name=pipeline.name,
        root=root,
        libraries=[pipeline.files],
        catalog=catalog,
        schema=pipeline.schemas[0],
        configuration=paths | dict(pipeline.settings),
    )
