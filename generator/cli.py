"""The command line of the generator: `python -m generator`, and the parameters of the job's task."""

import argparse
from pathlib import Path

from generator.engine import generate
from generator.errors import GeneratorError
from generator.spec import DEFAULT_CHANGE_BATCHES, DEFAULT_ORDERS, Settings


def main(arguments: list[str] | None = None) -> None:
    """Generates one run and prints what it wrote; after a user's slip, one line says what to do."""
    options = vars(_parser().parse_args(arguments))
    raw_path, cdc_path = options.pop("raw_path"), options.pop("cdc_path")
    try:
        reports = generate(Settings(**options), raw_path, cdc_path)
    except GeneratorError as error:
        raise SystemExit(f"error: {error}") from None
    for report in reports:
        for folder, files in report.by_folder().items():
            print(f"{folder}: {len(files)} files, {sum(file.rows for file in files):,} rows")
        resumed = " (begun earlier, finished now)" if report.resumed else ""
        print(f"run {report.run}{resumed}: {report.rows:,} rows in {report.seconds:.1f} s")
        if report.manifest:
            print(f"injected defects: {report.manifest}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="generator", description="Writes the next run of an Olist-like world."
    )
    parser.add_argument("--raw-path", type=Path, required=True, help="folder of the raw datasets' folders")
    parser.add_argument(
        "--cdc-path", type=Path, required=True, help="folder of the entities' change event folders"
    )
    parser.add_argument("--orders", type=int, default=DEFAULT_ORDERS, help="new orders of this run")
    parser.add_argument("--customers", type=int, help="customers before any change (1000 in a new world)")
    parser.add_argument("--products", type=int, help="products before any change (500 in a new world)")
    parser.add_argument("--sellers", type=int, help="sellers before any change (100 in a new world)")
    parser.add_argument("--seed", type=int, help="the world's seed (42 in a new world)")
    parser.add_argument(
        "--change-batches",
        type=int,
        default=DEFAULT_CHANGE_BATCHES,
        help="change event files an entity, 50 events each",
    )
    parser.add_argument("--dirty", type=float, default=0.0, help="share of rows, 0 to 1, that get a defect")
    return parser
