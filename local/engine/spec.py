"""What a pipeline is: its files, schema and configuration."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from common.errors import UserError


@dataclass(frozen=True)
class PipelineSpec:
    """One pipeline.

    `libraries` are globs relative to `root` (a file, or a folder followed by `/**`), `schema` is where a table
    without one in its name goes, `configuration` what the pipeline reads with spark.conf.get.
    """

    name: str
    root: Path
    libraries: list[str]
    catalog: str = "spark_catalog"
    schema: str = "default"
    configuration: dict[str, str] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """The pipeline's Python and SQL files, sorted. Raises UserError when there is none."""
        found = {file for glob in self.libraries for file in self._matching(glob)}
        if not found:
            raise UserError(
                f"pipeline {self.name}: no .py or .sql file below {self.root} fits {self.libraries}"
            )
        return sorted(found)

    def _matching(self, glob: str) -> list[Path]:
        pattern = f"{glob}/*" if glob.endswith("/**") else glob
        matching = [file for file in self.root.glob(pattern) if file.suffix in (".py", ".sql")]
        return [file for file in matching if "__pycache__" not in file.parts and file.name != "__init__.py"]


def read_spec(path: Path, root: Path | None = None) -> PipelineSpec:
    """A Spark pipeline spec (`spark-pipeline.yml`); its globs are relative to the file's folder, else to `root`.

    `storage` is left aside: checkpoints stand in the lakehouse's home. Raises UserError that names the field.
    """
    from pyspark.errors import PySparkException
    from pyspark.pipelines.cli import unpack_pipeline_spec

    if not path.is_file():
        raise UserError(f"{path} is not there: --spec names a Spark pipeline spec")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        spec = unpack_pipeline_spec({"storage": "unused", **data})
        libraries = [entry["glob"]["include"] for entry in data.get("libraries", [])]
    except (PySparkException, yaml.YAMLError, TypeError, KeyError, ValueError) as error:
        raise UserError(f"{path} is no Spark pipeline spec: {error}") from None
    return PipelineSpec(
        name=spec.name,
        root=root or path.parent.resolve(),
        libraries=libraries,
        catalog=spec.catalog or "spark_catalog",
        schema=spec.database or "default",
        configuration=dict(spec.configuration),
    )
