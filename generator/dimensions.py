"""Customers, products, sellers and geolocation: the record of any row at any version, as a table.

A version counts the changes of one group of columns of one row; version 0 is how the row began. A later
version of a group always differs from the one before.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from generator.columns import DEGREES, joined, kernels, numbers, scaled, table, take, texts
from generator.draws import Draws, Ints, RowNumbers, row_numbers
from generator.places import all_places
from generator.pools import EMAIL_DOMAINS, pools
from generator.spec import ROW

Versions = dict[str, Ints]
"""For each group of columns, the version of each row."""

# The columns that change together, with the share (of 100) of updates that change them. The first always
# does, so that no update is empty.
GROUPS: dict[str, dict[str, int]] = {
    "customers": {"address": 100, "email": 30, "phone": 20},
    "products": {"listing": 100},
    "sellers": {"address": 100},
}
CATEGORIES = (
    "electronics",
    "computers",
    "home appliances",
    "furniture",
    "sports",
    "toys",
    "health beauty",
    "fashion bags",
    "watches gifts",
    "garden tools",
    "auto",
    "books",
    "music",
    "food drink",
    "pet shop",
)
FOUR_DIGITS = texts([f"{number:04d}" for number in range(10_000)])
LAST_OF_TEN = 9
SAMPLES_PER_PLACE = 3
PLACE_SPREAD = 8_000
SAMPLE_SPREAD = 1_500


def customers(seed: int, rows: RowNumbers, versions: Versions) -> pa.Table:
    """Customers, with name, e-mail and phone. One in ten is a further id of a person seen before."""
    draws = Draws(seed, "customers")
    person = persons(draws, rows)
    return table(
        {
            "customer_id": draws.ids(rows),
            "customer_unique_id": Draws(seed, "persons").ids(person),
            **_address("customer", draws, rows, versions["address"]),
            "customer_name": joined(*_names(draws, person, ascii_only=False, between=" ")),
            "customer_email": _email(draws, person, versions["email"]),
            "customer_phone": _phone(draws, rows, versions["phone"]),
            ROW: rows,
        }
    )


def persons(draws: Draws, rows: RowNumbers) -> RowNumbers:
    """The row of the person behind each customer: every tenth customer is one of the nine before."""
    repeats = rows % np.uint64(10) == LAST_OF_TEN
    earlier = rows - draws.between("person", rows, 1, LAST_OF_TEN).astype(np.uint64)
    return np.where(repeats, earlier, rows)


def products(seed: int, rows: RowNumbers, versions: Versions) -> pa.Table:
    """Products; weights in grams, sizes in centimetres."""
    draws = Draws(seed, "products")
    listing = versions["listing"]
    return table(
        {
            "product_id": draws.ids(rows),
            "product_category_name": take(
                texts(CATEGORIES), draws.varied("product_category_name", rows, len(CATEGORIES), listing)
            ),
            "product_name_lenght": draws.between("product_name_lenght", rows, 10, 100),
            "product_description_lenght": draws.between("product_description_lenght", rows, 50, 500),
            "product_photos_qty": draws.between("product_photos_qty", rows, 1, 10),
            "product_weight_g": 100 + draws.varied("product_weight_g", rows, 49_901, listing),
            "product_length_cm": draws.between("product_length_cm", rows, 5, 100),
            "product_height_cm": draws.between("product_height_cm", rows, 5, 100),
            "product_width_cm": draws.between("product_width_cm", rows, 5, 100),
            ROW: rows,
        }
    )


def sellers(seed: int, rows: RowNumbers, versions: Versions) -> pa.Table:
    """Sellers and where they are."""
    draws = Draws(seed, "sellers")
    address = _address("seller", draws, rows, versions["address"])
    return table({"seller_id": draws.ids(rows), **address, ROW: rows})


def geolocation(seed: int) -> pa.Table:
    """A few points for every zip code prefix in use, all within two kilometres of their city's centre."""
    known = all_places()
    samples = row_numbers(0, len(known.city) * SAMPLES_PER_PLACE)
    place = (samples // np.uint64(SAMPLES_PER_PLACE)).astype(np.int64)
    draws = Draws(seed, "geolocation")

    def degrees(axis: str, centres: np.ndarray) -> pa.Array:
        of_place = draws.between(f"{axis} of place", place.astype(np.uint64), -PLACE_SPREAD, PLACE_SPREAD)
        of_sample = draws.between(axis, samples, -SAMPLE_SPREAD, SAMPLE_SPREAD)
        return scaled(centres[place] + of_place + of_sample, DEGREES)

    return table(
        {
            "geolocation_zip_code_prefix": take(known.zip_code_prefix, place),
            "geolocation_lat": degrees("latitude", known.latitude),
            "geolocation_lng": degrees("longitude", known.longitude),
            "geolocation_city": take(known.city, place),
            "geolocation_state": take(known.state, place),
            ROW: samples,
        }
    )


RECORDS: dict[str, Callable[[int, RowNumbers, Versions], pa.Table]] = {
    "customers": customers,
    "products": products,
    "sellers": sellers,
}


def _address(prefix: str, draws: Draws, rows: RowNumbers, version: Ints) -> dict[str, pa.Array]:
    """Zip code prefix, city and state of one and the same place."""
    known = all_places()
    place = draws.varied("place", rows, len(known.city), version)
    return {
        f"{prefix}_zip_code_prefix": take(known.zip_code_prefix, place),
        f"{prefix}_city": take(known.city, place),
        f"{prefix}_state": take(known.state, place),
    }


def _names(
    draws: Draws, person: RowNumbers, ascii_only: bool, between: str
) -> tuple[pa.Array, str, pa.Array]:
    """First and last name with what stands between."""
    names = pools()
    first, last = (
        (names.first_ascii, names.last_ascii) if ascii_only else (names.first_names, names.last_names)
    )
    first_drawn = take(first, draws.below("first name", person, len(first)))
    return first_drawn, between, take(last, draws.below("last name", person, len(last)))


def _email(draws: Draws, person: RowNumbers, version: Ints) -> pa.Array:
    """An address in the customer's own name, in one of five shapes; a change moves it to another provider."""
    first, _, last = _names(draws, person, ascii_only=True, between="")
    number = take(FOUR_DIGITS, draws.between("email number", person, 10, 99))
    shapes = (
        joined(first, ".", last),
        joined(first, last),
        joined(first, ".", last, kernels.utf8_slice_codeunits(number, 2)),
        joined(first, "_", last),
        joined(kernels.utf8_slice_codeunits(first, 0, 1), last),
    )
    local_part = kernels.choose(numbers(draws.below("email shape", person, len(shapes))), *shapes)
    domain = draws.varied("email domain", person, len(EMAIL_DOMAINS), version)
    return joined(local_part, "@", take(texts(EMAIL_DOMAINS), domain))


def _phone(draws: Draws, rows: RowNumbers, version: Ints) -> pa.Array:
    """A mobile number with the area code of the place where the customer first registered."""
    known = all_places()
    first_place = draws.varied("place", rows, len(known.city), np.zeros(rows.size, dtype=np.int64))
    block = take(FOUR_DIGITS, draws.between("phone block", rows, 1000, 9999))
    line = take(FOUR_DIGITS, 1000 + draws.varied("phone line", rows, 9000, version))
    return joined("+55 (", take(known.area_code, first_place), ") 9", block, "-", line)
