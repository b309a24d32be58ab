"""The four tables about orders: what of each order's life is due in a run's files.

A run writes what has happened in its window: the orders placed, the older ones whose status has changed, the
items of the former, and the payments and reviews that came in.
"""

import numpy as np
import pyarrow as pa

from generator.columns import money, table, take, texts, timestamps
from generator.draws import Draws, Ints, RowNumbers
from generator.orders import (
    APPROVED,
    CREDIT_CARD,
    DELIVERED,
    LAST_STEP,
    PAYMENT_TYPES,
    SHIPPED,
    STATUSES,
    Orders,
    Parts,
    Window,
)
from generator.pools import pools
from generator.spec import DAY, ROW

MOST_INSTALMENTS = 12
SCORE_WEIGHTS = (11, 4, 9, 20, 56)
MOODS = ("complaint", "complaint", "doubt", "praise", "praise")
REVIEWED_SHARE = 70


def orders(chunk: Orders, window: Window) -> pa.Table:
    """Orders placed in the window as they stand at its end, and older ones whose status changed in it."""
    placed = chunk.purchase >= window.start
    due = placed | (chunk.status(window.end) != chunk.status(window.start))
    if not due.all():
        chunk = chunk.subset(due)
    draws, rows, steps = chunk.draws, chunk.rows, chunk.steps
    step = chunk.step(window.end)
    customer = chunk.market.customers.pick(draws, "customer", rows)
    estimated = (chunk.purchase // DAY + draws.between("estimated days", rows, 7, 45)) * DAY
    return table(
        {
            "order_id": chunk.ids,
            "customer_id": Draws(chunk.market.seed, "customers").ids(customer),
            "order_status": take(texts(STATUSES), chunk.status(window.end)),
            "order_purchase_timestamp": timestamps(chunk.purchase),
            "order_approved_at": timestamps(steps[APPROVED], step >= APPROVED),
            "order_delivered_carrier_date": timestamps(steps[SHIPPED], step >= SHIPPED),
            "order_delivered_customer_date": timestamps(steps[DELIVERED], step >= DELIVERED),
            "order_estimated_delivery_date": timestamps(estimated),
            ROW: rows,
        }
    )


def order_items(chunk: Orders, window: Window) -> pa.Table:
    """The items of the orders placed in the window."""
    placed = chunk.purchase >= window.start
    if not placed.all():
        chunk = chunk.subset(placed)
    draws, items, market = Draws(chunk.market.seed, "order_items"), chunk.items, chunk.market
    limit = chunk.purchase[items.owner] + draws.between("shipping limit", items.rows, 1, 7) * DAY
    return table(
        {
            "order_id": take(chunk.ids, items.owner),
            "order_item_id": items.number,
            "product_id": Draws(market.seed, "products").ids(
                market.products.pick(draws, "product", items.rows)
            ),
            "seller_id": Draws(market.seed, "sellers").ids(market.sellers.pick(draws, "seller", items.rows)),
            "shipping_limit_date": timestamps(limit),
            "price": money(chunk.price),
            "freight_value": money(chunk.freight),
            ROW: items.rows,
        }
    )


def order_payments(chunk: Orders, window: Window) -> pa.Table:
    """The payments of the orders approved in the window: equal parts of the total, the odd cents in the last.

    An order that is never approved (created, or canceled before) is never paid for; one that is canceled or
    unavailable afterwards keeps its payments. Only a credit card pays in instalments.
    """
    approved = chunk.steps[APPROVED]
    chunk = chunk.subset((chunk.step(window.end) >= APPROVED) & (approved >= window.start))
    parts = Parts.of(chunk.rows, chunk.payments)
    draws = Draws(chunk.market.seed, "order_payments")
    kind = chunk.payment_type(parts.rows)
    instalments = draws.between("payment_installments", parts.rows, 1, MOST_INSTALMENTS)
    count, total = chunk.payments[parts.owner], chunk.total[parts.owner]
    share = total // count
    return table(
        {
            "order_id": take(chunk.ids, parts.owner),
            "payment_sequential": parts.number,
            "payment_type": take(texts(PAYMENT_TYPES), kind),
            "payment_installments": np.where(kind == CREDIT_CARD, instalments, 1),
            "payment_value": money(np.where(parts.number == count, total - share * (count - 1), share)),
            ROW: parts.rows,
        }
    )


def order_reviews(chunk: Orders, window: Window) -> pa.Table:
    """The reviews answered in the window: of 70 % of delivered orders, 1 to 10 days after the delivery."""
    draws = Draws(chunk.market.seed, "order_reviews")
    created = (chunk.steps[DELIVERED] // DAY + draws.between("created days", chunk.rows, 1, 10)) * DAY
    answered = (
        created
        + draws.between("answered days", chunk.rows, 1, 7) * DAY
        + draws.below("answered", chunk.rows, DAY)
    )
    reviewed = draws.below("reviewed", chunk.rows, 100) < REVIEWED_SHARE
    delivered = LAST_STEP[chunk.fate] == DELIVERED
    due = np.flatnonzero(reviewed & delivered & (answered >= window.start) & (answered < window.end))
    rows = chunk.rows[due]
    score = draws.weighted("review_score", rows, SCORE_WEIGHTS)
    return table(
        {
            "review_id": draws.ids(rows),
            "order_id": take(chunk.ids, due),
            "review_score": score + 1,
            "review_comment_title": _comment(draws, "review_comment_title", rows, score, pools().titles),
            "review_comment_message": _comment(
                draws, "review_comment_message", rows, score, pools().messages
            ),
            "review_creation_date": timestamps(created[due]),
            "review_answer_timestamp": timestamps(answered[due]),
            ROW: rows,
        }
    )


def _comment(
    draws: Draws, column: str, rows: RowNumbers, score: Ints, by_mood: dict[str, pa.StringArray]
) -> pa.Array:
    """A text in the mood of the score, in half of the rows."""
    pool = pa.concat_arrays(list(by_mood.values()))
    sizes = np.array([len(entries) for entries in by_mood.values()])
    mood = np.array([list(by_mood).index(name) for name in MOODS])[score]
    within = (draws.bits(column, rows) % sizes[mood].astype(np.uint64)).astype(np.int64)
    written = draws.below(f"{column} written", rows, 2) == 1
    return take(pool, (np.cumsum(sizes) - sizes)[mood] + within, written)
