"""This repository's pipelines as the engine takes them: it runs any project's and knows none by name."""

from pathlib import Path

from common.checkout import REPOSITORY
from local.engine.language.spec import PipelineSpec
from pipelines.catalog import CATALOG, PIPELINES, VOLUMES


def spec_of(name: str, root: Path = REPOSITORY) -> PipelineSpec:
    """The pipeline called `name` (one of `catalog.PIPELINES`), with its files below the checkout `root`.

    It has the configuration that infra/ gives it on Databricks. Raises KeyError for another name.
    """
    pipeline = {each.name: each for each in PIPELINES}[name]
    paths = {volume.setting: f"/Volumes/{CATALOG}/{volume.schema}/{volume.name}" for volume in VOLUMES}
    return PipelineSpec(
        name=pipeline.name,
        root=root,
        libraries=[pipeline.files],
        catalog=CATALOG,
        schema=pipeline.schemas[0],
        configuration=paths | dict(pipeline.settings),
    )
