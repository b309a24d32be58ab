"""What a world consists of: its datasets and columns, its sizes, its calendar, and the settings of a run."""

from dataclasses import dataclass
from datetime import UTC, datetime

from generator.errors import GeneratorError

# The columns of each raw dataset, in Olist's own names (`lenght` is Olist's spelling) and order.
DATASETS: dict[str, tuple[str, ...]] = {
    "customers": (
        "customer_id",
        "customer_unique_id",
        "customer_zip_code_prefix",
        "customer_city",
        "customer_state",
        "customer_name",
        "customer_email",
        "customer_phone",
    ),
    "products": (
        "product_id",
        "product_category_name",
        "product_name_lenght",
        "product_description_lenght",
        "product_photos_qty",
        "product_weight_g",
        "product_length_cm",
        "product_height_cm",
        "product_width_cm",
    ),
    "sellers": ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"),
    "geolocation": (
        "geolocation_zip_code_prefix",
        "geolocation_lat",
        "geolocation_lng",
        "geolocation_city",
        "geolocation_state",
    ),
    "orders": (
        "order_id",
        "customer_id",
        "order_status",
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ),
    "order_items": (
        "order_id",
        "order_item_id",
        "product_id",
        "seller_id",
        "shipping_limit_date",
        "price",
        "freight_value",
    ),
    "order_payments": (
        "order_id",
        "payment_sequential",
        "payment_type",
        "payment_installments",
        "payment_value",
    ),
    "order_reviews": (
        "review_id",
        "order_id",
        "review_score",
        "review_comment_title",
        "review_comment_message",
        "review_creation_date",
        "review_answer_timestamp",
    ),
}
KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "products": ("product_id",),
    "sellers": ("seller_id",),
    "geolocation": ("geolocation_zip_code_prefix", "geolocation_city", "geolocation_state"),
    "orders": ("order_id",),
    "order_items": ("order_id", "order_item_id"),
    "order_payments": ("order_id", "payment_sequential"),
    "order_reviews": ("review_id", "order_id"),
}
ENTITIES = ("customers", "products", "sellers")
EVENT_COLUMNS = ("sequence_number", "operation", "change_timestamp")

# Every table of the engine carries the number that identifies its rows in this column; no file has it.
ROW = "_row"

DAY = 86_400
WORLD_START = int(datetime(2017, 1, 1, tzinfo=UTC).timestamp())
FIRST_WINDOW_DAYS = 731
LATER_WINDOW_DAYS = 30

EVENTS_PER_BATCH = 50
DEFAULT_SIZES = {"customers": 1000, "products": 500, "sellers": 100}
DEFAULT_ORDERS = 5000
DEFAULT_SEED = 42
DEFAULT_CHANGE_BATCHES = 3
LARGEST = 100_000_000
MOST_BATCHES = 9999


def clock(run: int) -> int:
    """Seconds since 1970 at the end of a run's window: everything the run's files tell happened before."""
    return WORLD_START + (FIRST_WINDOW_DAYS + run * LATER_WINDOW_DAYS) * DAY


def window_start(run: int) -> int:
    """Seconds since 1970 where a run's window begins, which is where the run before ended."""
    return WORLD_START if run == 0 else clock(run - 1)


def change_day(run: int) -> int:
    """Seconds since 1970 where the last day of a run's window begins.

    Customers, products and sellers change on that day and nobody orders, so that no order is placed by a
    customer who has been deleted, and whoever joins can order from the next window on.
    """
    return clock(run) - DAY


@dataclass(frozen=True)
class Settings:
    """What one run is asked for.

    `customers`, `products` and `sellers` are the size of the world before any change event; None keeps what
    the world has (1,000, 500 and 100 in a new one), a larger number adds. `orders` are new orders of this
    run, `change_batches` files of 50 change events an entity, `dirty` the share of rows (0 to 1) that get a
    defect. `seed` None is the world's own, 42 in a new one. Raises GeneratorError for a value out of range.
    """

    orders: int = DEFAULT_ORDERS
    customers: int | None = None
    products: int | None = None
    sellers: int | None = None
    change_batches: int = DEFAULT_CHANGE_BATCHES
    dirty: float = 0.0
    seed: int | None = None

    def __post_init__(self) -> None:
        _whole("orders", self.orders, 0, LARGEST)
        _whole("change-batches", self.change_batches, 0, MOST_BATCHES)
        for entity in ENTITIES:
            size = getattr(self, entity)
            if size is not None:
                _whole(entity, size, 1, LARGEST)
        if self.seed is not None:
            _whole("seed", self.seed, 0, 2**63 - 1)
        number = isinstance(self.dirty, int | float) and not isinstance(self.dirty, bool)
        if not (number and 0 <= self.dirty <= 1):
            raise GeneratorError(
                f"--dirty {self.dirty}: the share of bad rows is a number from 0 to 1, such as 0.02"
            )


def _whole(setting: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise GeneratorError(f"--{setting} {value}: give a whole number from {low} to {high}")
