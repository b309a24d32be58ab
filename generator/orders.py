"""The whole life of each order, from its purchase to how it ends.

It is a function of the order's row, so a later run recomputes it and tells what has happened since.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from generator.draws import Draws, Ints, RowNumbers
from generator.spec import DAY

HOUR = 3600
STATUSES = (
    "created",
    "approved",
    "invoiced",
    "processing",
    "shipped",
    "delivered",
    "canceled",
    "unavailable",
)
APPROVED, SHIPPED, DELIVERED, CANCELED, UNAVAILABLE = 1, 4, 5, 6, 7
NEVER = -1


class Fate(NamedTuple):
    """How an order ends: the last step it takes, and in which status and instead of which step it fails."""

    weight: int
    last_step: int
    end_status: int = NEVER
    end_step: int = NEVER


FATES = (
    Fate(840, DELIVERED),
    Fate(35, SHIPPED),
    Fate(20, 3),
    Fate(20, 2),
    Fate(10, APPROVED),
    Fate(10, 0),
    Fate(15, 0, CANCELED, APPROVED),
    Fate(25, APPROVED, CANCELED, 2),
    Fate(25, 2, UNAVAILABLE, 3),
)
LAST_STEP = np.array([fate.last_step for fate in FATES])
END_STATUS = np.array([fate.end_status for fate in FATES])
END_STEP = np.array([fate.end_step for fate in FATES])

PAYMENT_TYPES = ("credit_card", "boleto", "voucher", "debit_card")
PAYMENT_WEIGHTS = (60, 20, 12, 8)
CREDIT_CARD, BOLETO = 0, 1
MOST_ITEMS, MOST_PAYMENTS = 5, 3
PARTS = np.uint64(8)

# No order changes, is paid for or is reviewed later than this after its purchase: 30 days to the delivery, 10
# to the review and 8 to its answer, and the rest of the day of each.
LONGEST_LIFE = 50 * DAY


@dataclass(frozen=True)
class Stock:
    """The customers, products or sellers that an order may name: rows below `rows` that are not `gone`."""

    rows: int
    gone: np.ndarray

    def pick(self, draws: Draws, column: str, rows: RowNumbers) -> RowNumbers:
        """For each row one that is there; who is gone is drawn again."""
        picked = draws.below(column, rows, self.rows)
        attempt = 0
        while (missed := np.flatnonzero(self.gone[picked])).size:
            attempt += 1
            picked[missed] = draws.below(column, rows[missed], self.rows, attempt)
        return picked.astype(np.uint64)


@dataclass(frozen=True)
class Window:
    """The time a run tells about, seconds since 1970: from `start`, where the last run ended, until `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Market:
    """Where the orders of one run happen: purchases lie in `purchases`, and only live parents are named."""

    seed: int
    purchases: Window
    customers: Stock
    products: Stock
    sellers: Stock


@dataclass(frozen=True)
class Orders:
    """The lives of some orders of one market. Every column is computed once, when first asked for."""

    market: Market
    rows: RowNumbers

    @cached_property
    def draws(self) -> Draws:
        """The values of the orders themselves."""
        return Draws(self.market.seed, "orders")

    @cached_property
    def ids(self) -> pa.StringArray:
        """order_id."""
        return self.draws.ids(self.rows)

    @cached_property
    def fate(self) -> Ints:
        """Position in FATES."""
        return self.draws.weighted("fate", self.rows, tuple(fate.weight for fate in FATES))

    @cached_property
    def payments(self) -> Ints:
        """How many payments each order is split into."""
        return self.draws.between("payments", self.rows, 1, MOST_PAYMENTS)

    @cached_property
    def items(self) -> "Parts":
        """The items of the orders."""
        return Parts.of(self.rows, self.draws.between("items", self.rows, 1, MOST_ITEMS))

    @cached_property
    def price(self) -> Ints:
        """Cents an item."""
        return Draws(self.market.seed, "order_items").between("price", self.items.rows, 10_00, 1000_00)

    @cached_property
    def freight(self) -> Ints:
        """Cents an item."""
        return Draws(self.market.seed, "order_items").between("freight_value", self.items.rows, 5_00, 100_00)

    @cached_property
    def total(self) -> Ints:
        """Cents an order: what its payments add up to."""
        return np.add.reduceat(self.price + self.freight, self.items.starts)

    @cached_property
    def purchase(self) -> Ints:
        """When the order was placed, seconds since 1970."""
        days = (self.market.purchases.end - self.market.purchases.start) // DAY
        day = self.draws.below("purchase day", self.rows, days)
        return self.market.purchases.start + day * DAY + self.draws.below("purchase second", self.rows, DAY)

    @cached_property
    def steps(self) -> np.ndarray:
        """When each of the six steps from created to delivered happens, one line a step, each after the last.

        A boleto takes up to two days to clear, other payments up to one. The carrier has the order within
        four days of its purchase, and delivery comes 5 to 30 calendar days after it.
        """
        draws, rows = self.draws, self.rows
        boleto = self.payment_type(rows * PARTS) == BOLETO
        clearing = draws.below("approved second", rows, 23 * HOUR) + HOUR
        approved = self.purchase + np.where(boleto, clearing + DAY, clearing)
        invoiced = approved + draws.between("invoiced", rows, HOUR, 8 * HOUR)
        processing = invoiced + draws.between("processing", rows, HOUR, 8 * HOUR)
        carrier = processing + draws.between("carrier", rows, 2 * HOUR, DAY)
        day = self.purchase // DAY + draws.between("delivery days", rows, 5, 30)
        delivered = day * DAY + draws.between("delivery second", rows, 8 * HOUR, 20 * HOUR)
        return np.stack([self.purchase, approved, invoiced, processing, carrier, delivered])

    def payment_type(self, payment_rows: RowNumbers) -> Ints:
        """Position in PAYMENT_TYPES of each payment."""
        return Draws(self.market.seed, "order_payments").weighted(
            "payment_type", payment_rows, PAYMENT_WEIGHTS
        )

    def step(self, moment: int) -> Ints:
        """The last step taken before `moment`."""
        taken = (self.steps[1:] < moment).sum(axis=0)
        return np.minimum(taken, LAST_STEP[self.fate])

    def status(self, moment: int) -> Ints:
        """Position in STATUSES just before `moment`."""
        end_step = END_STEP[self.fate]
        end_time = self.steps[np.maximum(end_step, 0), np.arange(self.rows.size)]
        return np.where((end_step != NEVER) & (end_time < moment), END_STATUS[self.fate], self.step(moment))

    def subset(self, chosen: np.ndarray) -> "Orders":
        """The orders at the chosen positions (or where the mask says so)."""
        return Orders(self.market, self.rows[chosen])


@dataclass(frozen=True)
class Parts:
    """The items or payments of some orders: `owner` is the order's position, `number` counts from 1."""

    rows: RowNumbers
    owner: Ints
    number: Ints
    starts: Ints

    @classmethod
    def of(cls, order_rows: RowNumbers, counts: Ints) -> "Parts":
        """As many parts of each order as `counts` says (at least one)."""
        starts = np.cumsum(counts) - counts
        owner = np.repeat(np.arange(order_rows.size), counts)
        position = np.arange(owner.size) - starts[owner]
        return cls(order_rows[owner] * PARTS + position.astype(np.uint64), owner, position + 1, starts)
