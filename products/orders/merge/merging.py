"""The compare-first merge: what staging holds becomes orders, lines, refunds, parcels; equal rows stay untouched.

One transaction, set-based, in two steps: :func:`prepare` computes the final rows beside the
present ones in temporary tables, :func:`apply` writes the differences. The preview of an import is
``prepare`` alone. Rules (docs/money-columns.md, docs/architecture.md):

* order = (channel, number); line = (order, sub-order number or ``#position``); refund = (channel, number);
* recency is the latest of a row's own times: newer wins, a blank never overwrites, the higher state
  wins and never falls back; equal recency takes the later upload (or keeps, by choice);
* a header's money is the truth; without one it is the sum of the lines; a line's paid is the header
  split by largest remainder.
"""

from datetime import datetime
from typing import Final

from products.orders.merge import contacts, days, lines, orders, refunds
from products.orders.merge.statements import Source, Statements, differs, make_room

_TABLES: Final = (
    "m_items", "m_file", "m_orders", "m_lines", "m_adopt", "m_match", "m_all", "m_final", "m_split", "m_refunds",
    "m_changes", "m_found", "m_contacts", "m_shipments", "m_days", "m_touched", "m_rest", "m_parts", "m_buyers",
)  # fmt: skip


def prepare(source: Source, now: datetime) -> dict[str, int]:
    """Compute what would change into temporary tables (dropped at commit); return the counts.

    Counts: orders, new, changed, equal, tie_changed, lines_new, lines_changed, refunds_new,
    refunds_changed, check_lines, rows.
    """
    make_room()
    run = Statements(source, now)
    run.run(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}")
    orders.read_items(run)
    orders.read_orders(run)
    lines.read_lines(run)
    lines.derive(run)
    orders.lay_over(run)
    lines.split_paid(run)
    orders.finish(run)
    refunds.read_refunds(run)
    _changes(run)
    return _counts(run)


def _changes(run: Statements) -> None:
    """Note once which orders change, in themselves or in their lines."""
    run.run(
        f"""
        CREATE TEMP TABLE m_changes ON COMMIT DROP AS
        SELECT f.number, f.order_id, f.recency, x.id IS NOT NULL AND c.changed AS changed,
               coalesce(l.added, 0) AS lines_added, coalesce(l.changed, 0) AS lines_changed
        FROM m_final f
        LEFT JOIN products_order x ON x.id = f.order_id
        CROSS JOIN LATERAL (SELECT {differs("f", "x", orders.ORDER_COLUMNS)}) c (changed)
        LEFT JOIN (
            SELECT a.number, count(*) FILTER (WHERE y.id IS NULL) AS added,
                   count(*) FILTER (
                       WHERE y.id IS NOT NULL AND ({differs("a", "y", lines.LINE_COLUMNS)} OR i.code <> a.code)
                   ) AS changed
            FROM m_all a
            LEFT JOIN products_orderline y ON y.id = a.line_id
            LEFT JOIN products_channelitem i ON i.id = y.item_id
            GROUP BY a.number
        ) l ON l.number = f.number
        """
    )
    run.run("CREATE UNIQUE INDEX ON m_changes (number)")
    run.run("ANALYZE m_changes")


def _counts(run: Statements) -> dict[str, int]:
    row = run.one(
        """
        SELECT count(*), count(*) FILTER (WHERE order_id IS NULL),
               count(*) FILTER (WHERE order_id IS NOT NULL AND (changed OR lines_added + lines_changed > 0)),
               count(*) FILTER (WHERE recency = 'tie' AND changed),
               coalesce(sum(lines_added), 0), coalesce(sum(lines_changed), 0),
               (SELECT count(*) FROM m_final WHERE notes @> ARRAY['check_lines']::varchar[])
        FROM m_changes
        """
    )
    names = ("orders", "new", "changed", "tie_changed", "lines_new", "lines_changed", "check_lines")
    counts = {name: int(value) for name, value in zip(names, row, strict=True)}
    counts["equal"] = counts["orders"] - counts["new"] - counts["changed"]
    of_refunds = run.one(
        f"""
        SELECT count(*), count(*) FILTER (WHERE x.id IS NULL),
               count(*) FILTER (WHERE x.id IS NOT NULL AND {differs("r", "x", refunds.REFUND_COLUMNS)}),
               count(*) FILTER (WHERE r.order_id IS NULL)
        FROM m_refunds r LEFT JOIN products_refund x ON x.id = r.refund_id
        """
    )
    named = ("refunds", "refunds_new", "refunds_changed", "refunds_without_order")
    return counts | {name: int(value) for name, value in zip(named, of_refunds, strict=True)}


def apply(source: Source, now: datetime) -> None:
    """Write what :func:`prepare` computed; call it in the same transaction, inside ``acting``.

    Raises nothing of its own: what the tables refuse was refused as a row before.
    """
    run = Statements(source, now)
    days.mark_before(run)
    orders.write_items(run)
    orders.write_orders(run)
    lines.write_lines(run)
    contacts.write_contacts(run)
    contacts.write_shipments(run)
    refunds.write_refunds(run)
    refunds.write_summaries(run)
    days.mark_after(run)
    days.widen_channel(run)
