"""Takes the real Olist dataset, as it is published, into a home's raw layer."""

import csv
import os
import shutil
from pathlib import Path

from common.errors import UserError
from common.home import HOME_VARIABLE, Home
from generator.state import state_file
from pipelines.schemas import bronze
from pipelines.schemas.cdc import ENTITIES

FILES = {
    "customers": "olist_customers_dataset.csv",
    "geolocation": "olist_geolocation_dataset.csv",
    "orders": "olist_orders_dataset.csv",
    "order_items": "olist_order_items_dataset.csv",
    "order_payments": "olist_order_payments_dataset.csv",
    "order_reviews": "olist_order_reviews_dataset.csv",
    "products": "olist_products_dataset.csv",
    "sellers": "olist_sellers_dataset.csv",
}
# The published files hold no names.
NOT_PUBLISHED = {"customer_name", "customer_email", "customer_phone"}


def load_files(folder: Path, home: Home) -> list[Path]:
    """The raw files that now stand in the home; one that is there already stays.

    Raises UserError, before anything is written, for a home with a generated world, a missing file, a header that
    lacks a column, and a raw file of the same name with other content. The caller holds the home's lock.
    """
    _refuse_generated(home)
    sources = {dataset: folder / name for dataset, name in FILES.items()}
    missing = [str(path) for path in sources.values() if not path.is_file()]
    if missing:
        raise UserError(f"not there: {', '.join(missing)}. The dataset is 'Brazilian E-Commerce by Olist'")
    for dataset, source in sources.items():
        _check_header(dataset, source)
        _check_unchanged(source, _target(home, dataset, source))
    for entity in ENTITIES:
        (home.cdc / entity).mkdir(parents=True, exist_ok=True)
    return [_take(source, _target(home, dataset, source)) for dataset, source in sources.items()]


def _refuse_generated(home: Home) -> None:
    state = state_file(home.raw)
    if state.exists():
        raise UserError(
            f"{state} says that {home.raw} holds a generated world, with which the real files would be mixed: name "
            f"another folder with --home or ${HOME_VARIABLE}, or remove {home.path} to start anew with the real files"
        )


def _target(home: Home, dataset: str, source: Path) -> Path:
    return home.raw / dataset / source.name


def _check_header(dataset: str, source: Path) -> None:
    table = next(table for table in bronze.TABLES if table.short_name == dataset)
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except UnicodeDecodeError:
        raise UserError(f"{source}: the header is not UTF-8 text") from None
    lacking = [name for name in table.source_columns if name not in header and name not in NOT_PUBLISHED]
    if lacking:
        raise UserError(
            f"{source}: the header lacks {', '.join(lacking)}; it has {', '.join(header) or 'nothing'}"
        )


def _check_unchanged(source: Path, target: Path) -> None:
    if target.exists() and not target.samefile(source) and target.read_bytes() != source.read_bytes():
        raise UserError(
            f"{target} is there with other content: a raw file is never rewritten; rename {source}"
        )


def _take(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return target
    scratch = target.with_name(f".{target.name}")
    scratch.unlink(missing_ok=True)
    try:
        os.link(source, scratch)
    except OSError:
        shutil.copy2(source, scratch)
    scratch.replace(target)
    return target
