"""What the customers of one chunk did: sessions, transactions and returns, before and after their cutoffs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.label import HORIZON_DAYS, Events, labels
from sparkfeat.pipelines.shop.people import People, timestamps, with_nulls
from sparkfeat.pipelines.shop.world import DAY, END, HOUR, PRODUCTS, Calendar, Catalogue, Flags, Floats, Ints

ID_STRIDE = 100_000_000  # ids of one chunk: far more than a chunk has rows
_CAMPAIGNS = np.array([None, "newsletter", "search", "réseaux sociaux"], dtype=object)
_DEVICES = np.array(["mobile", "desktop", "tablet"], dtype=object)
_REASONS = np.array(
    [
        None,
        "Too small.",
        "Arrived broken; the box was wet",
        "Ne correspond pas à la photo",
        "不合适",
        "Changed my mind",
        "Falsche Größe geliefert, bitte umtauschen",
        "   ",
    ],
    dtype=object,
)


@dataclass(frozen=True)
class Visits:
    """Sessions, as positions of customers and start times."""

    owner: Ints
    started: Ints
    mobile: Flags


@dataclass(frozen=True)
class Purchases:
    """Transactions, as positions of sessions and products."""

    session: Ints
    product: Ints
    time: Ints
    quantity: Ints
    amount: Floats


@dataclass(frozen=True)
class History:
    """One chunk: its tables, and what the summary and the customers table need of it."""

    sessions: pa.Table
    transactions: pa.Table
    returns: pa.Table
    label: Ints
    flipped: Flags
    days_since_last_order: Floats
    orphans: dict[str, int]


def history(rng: Generator, calendar: Calendar, goods: Catalogue, who: People, chunk: int) -> History:
    """Draw what happened to the cutoff, plant the label, then draw what followed from it."""
    before = _past_visits(rng, calendar, who)
    bought = _purchases(rng, goods, before.started, rng.random(len(before.owner)) < 0.5)
    label, flipped = labels(
        rng,
        who.cutoff,
        Events(before.owner, before.started, before.mobile.astype(float)),
        Events(before.owner[bought.session], bought.time, bought.amount),
    )
    after, buys = _future_visits(rng, calendar, who, label == 1)
    later = _purchases(rng, goods, after.started, buys)
    visits, purchases = _joined(before, after, bought, later)
    last = np.full(len(who), -1)
    np.maximum.at(last, visits.owner[purchases.session], purchases.time)
    transactions = _transactions_table(rng, goods, purchases, chunk)
    return History(
        sessions=_sessions_table(rng, who, visits, chunk),
        transactions=transactions,
        returns=_returns_table(rng, transactions, chunk),
        label=label,
        flipped=flipped,
        days_since_last_order=np.where(last < 0, np.nan, np.round((END - last) / DAY, 2)),
        orphans={
            "sessions.customer_id": int((visits.owner >= who.kept).sum()),
            "transactions.product_id": int((purchases.product >= PRODUCTS).sum()),
        },
    )


def _past_visits(rng: Generator, calendar: Calendar, who: People) -> Visits:
    """Draw the sessions from joining to the cutoff, less the pause; each is over by the cutoff."""
    end = who.cutoff - np.maximum(who.paused, HOUR)
    weeks = (end - who.joined) / (7 * DAY)
    owner = np.repeat(np.arange(len(who)), rng.poisson(who.weekly * weeks))
    return _visits(rng, who, owner, calendar.times(rng, who.joined[owner], end[owner]))


def _future_visits(rng: Generator, calendar: Calendar, who: People, stays: Flags) -> tuple[Visits, Flags]:
    """Draw the sessions after the cutoff, and in which of them something is bought.

    Who stays has one purchase within the horizon for certain; who leaves still looks around at times.
    """
    everyone = np.arange(len(who))
    weeks = (END - HOUR - who.cutoff) / (7 * DAY)
    owner = np.repeat(everyone, rng.poisson(who.weekly * weeks * np.where(stays, 1.0, 0.4)))
    export = np.full(len(owner), END - HOUR)
    drawn = _visits(rng, who, owner, calendar.times(rng, who.cutoff[owner] + 1, export))
    certain = everyone[stays]
    horizon = who.cutoff[certain] + HORIZON_DAYS * DAY - HOUR
    sure = _visits(rng, who, certain, calendar.times(rng, who.cutoff[certain] + 1, horizon))
    buys = np.concatenate([stays[owner] & (rng.random(len(owner)) < 0.5), np.ones(len(certain), dtype=bool)])
    return _both(drawn, sure), buys


def _visits(rng: Generator, who: People, owner: Ints, started: Ints) -> Visits:
    return Visits(owner, started, rng.random(len(owner)) < who.mobile[owner])


def _both(first: Visits, second: Visits) -> Visits:
    return Visits(
        np.concatenate([first.owner, second.owner]),
        np.concatenate([first.started, second.started]),
        np.concatenate([first.mobile, second.mobile]),
    )


def _purchases(rng: Generator, goods: Catalogue, started: Ints, buys: Flags) -> Purchases:
    """Draw the transactions of the sessions that buy: at least one, within 50 minutes."""
    session = np.repeat(np.arange(len(started)), np.where(buys, 1 + rng.poisson(0.7, len(started)), 0))
    count = len(session)
    product = rng.choice(len(goods.popularity), count, p=goods.popularity)
    quantity = 1 + rng.poisson(0.4, count)
    amount = np.round(goods.price[product] * quantity * rng.gamma(12.0, 1 / 12, count), 2)
    return Purchases(
        session=session,
        product=product,
        time=started[session] + rng.integers(20, 50 * 60, count),
        quantity=quantity,
        amount=np.where(rng.random(count) < 0.005, np.nan, amount),
    )


def _joined(before: Visits, after: Visits, bought: Purchases, later: Purchases) -> tuple[Visits, Purchases]:
    """Put past and future together, in the order of time."""
    visits = _both(before, after)
    order = np.lexsort((visits.owner, visits.started))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    session = place[np.concatenate([bought.session, later.session + len(before.owner)])]
    time = np.concatenate([bought.time, later.time])
    rows = np.lexsort((session, time))
    purchases = Purchases(
        session=session[rows],
        product=np.concatenate([bought.product, later.product])[rows],
        time=time[rows],
        quantity=np.concatenate([bought.quantity, later.quantity])[rows],
        amount=np.concatenate([bought.amount, later.amount])[rows],
    )
    return Visits(visits.owner[order], visits.started[order], visits.mobile[order]), purchases


def _sessions_table(rng: Generator, who: People, visits: Visits, chunk: int) -> pa.Table:
    count = len(visits.owner)
    device = np.where(visits.mobile, "mobile", rng.choice(_DEVICES[1:], count, p=[0.8, 0.2]))
    columns = {
        "session_id": chunk * ID_STRIDE + 1 + np.arange(count),
        "customer_id": who.customer_id[visits.owner],
        "started": timestamps(visits.started),
        "device": with_nulls(rng, device, 0.01),
        "is_mobile": visits.mobile,
        "minutes": with_nulls(rng, np.round(rng.gamma(1.8, 6.0, count), 2), 0.02),
        "campaign": rng.choice(_CAMPAIGNS, count, p=[0.4, 0.25, 0.25, 0.1]),
    }
    return pa.table(columns, schema=schema.arrow_schema(schema.SESSIONS))


def _transactions_table(rng: Generator, goods: Catalogue, bought: Purchases, chunk: int) -> pa.Table:
    count = len(bought.session)
    delivered = bought.time + rng.integers(DAY, 6 * DAY, count)
    on_the_way = (delivered > END) | (rng.random(count) < 0.01)
    rating = rng.choice(np.arange(1, 6), count, p=[0.06, 0.07, 0.17, 0.3, 0.4])
    columns = {
        "transaction_id": chunk * ID_STRIDE + 1 + np.arange(count),
        "session_id": chunk * ID_STRIDE + 1 + bought.session,
        "product_id": goods.product_id[bought.product],
        "purchased_at": timestamps(bought.time),
        "quantity": bought.quantity,
        "amount": pa.array(bought.amount, from_pandas=True),
        "delivered_at": timestamps(delivered, missing=on_the_way),
        "rating": pa.array(rating, mask=on_the_way | (rng.random(count) < 0.5)),
    }
    return pa.table(columns, schema=schema.arrow_schema(schema.TRANSACTIONS))


def _returns_table(rng: Generator, transactions: pa.Table, chunk: int) -> pa.Table:
    """Send back one delivered purchase in twelve, some days after its delivery."""
    delivered = transactions["delivered_at"].cast(pa.int64()).to_numpy() / 1_000_000  # NaN: not delivered
    days = rng.gamma(2.0, 4.0, len(delivered)) * DAY
    sent_back = np.flatnonzero((rng.random(len(delivered)) < 1 / 12) & (delivered + days < END))
    rows = transactions.take(pa.array(sent_back))
    columns = {
        "return_id": chunk * ID_STRIDE + 1 + np.arange(len(sent_back)),
        "transaction_id": rows["transaction_id"],
        "returned_at": timestamps((delivered + days)[sent_back].astype(np.int64)),
        "refund": rows["amount"],
        "reason": rng.choice(_REASONS, len(sent_back)),
    }
    return pa.table(columns, schema=schema.arrow_schema(schema.RETURNS))
