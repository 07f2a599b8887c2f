"""The demo store's buyers: one person each, some known on two platforms; receivers' contacts from a small pool."""

from typing import Final

from analytics.demo.story import Pen, Story
from analytics.demo.words import GIVEN, PLACES, STREETS, SURNAMES
from shopops.access import personal

CONTACTS: Final = 2000
_COLUMNS: Final = "no int, name bytea, name_mask text, phone bytea, phone_digest bytea, phone_tail text, phone_mask text, address bytea"


def write_contacts(pen: Pen, story: Story) -> None:
    """Make ``demo_contact``: receivers with numbers of 154, a range no network gives to people."""
    count = CONTACTS if story.size != "tiny" else CONTACTS // 20
    pen.table("demo_contact", _COLUMNS, [_contact(story, no) for no in range(count)])


def _contact(story: Story, no: int) -> tuple[object, ...]:
    draw = story.chance.share
    name = SURNAMES[int(draw("surname", no) * len(SURNAMES))] + GIVEN[int(draw("given", no) * len(GIVEN))]
    phone = personal.protect_phone(f"154{int(draw('phone', no) * 10**8):08d}")
    province, city, districts, _weight = PLACES[int(draw("home", no) * len(PLACES))]
    street = STREETS[int(draw("street", no) * len(STREETS))]
    address = f"{province}{city}{districts.split()[0]}{street} {1 + int(draw('house', no) * 300)} 号"
    return (
        no, personal.seal(name), personal.mask_name(name), phone.cipher, phone.digest, phone.tail, phone.mask,
        personal.protect_text(address),
    )  # fmt: skip


def write_persons(pen: Pen, story: Story) -> None:
    """Make customers and their identities, and ``demo_person`` (buyer_no, customer_id).

    One in five buyers of the own site is somebody known from Tmall.
    """
    pen.keep(
        "demo_buyer",
        """
        SELECT b.*, row_number() OVER (PARTITION BY b.shop ORDER BY b.first_order) AS nth,
               count(*) FILTER (WHERE b.platform = 'taobao') OVER () AS known
        FROM (
            SELECT o.buyer_no, o.shop, o.platform, o.buyer_name,
                   CASE WHEN o.platform = 'site' THEN 'channel:' || o.shop_code ELSE o.platform END AS scope,
                   min(o.id) AS first_order, min(o.created_at) AS created_at,
                   (array_agg(o.batch_id ORDER BY o.id))[1] AS batch_id
            FROM demo_priced o GROUP BY 1, 2, 3, 4, 5
        ) b
        """,
    )
    pen.keep(
        "demo_person",
        f"""
        SELECT b.*, t.buyer_no AS same_as, CASE WHEN t.buyer_no IS NULL THEN nextval('customers_customer_id_seq') END AS customer_id
        FROM (SELECT * FROM demo_buyer ORDER BY first_order) b
        LEFT JOIN demo_buyer t ON t.platform = 'taobao' AND b.platform = 'site' AND {story.u("linked", "b.buyer_no")} < 0.2
             AND t.nth = 1 + {story.below("greatest(b.known, 1)", "person", "b.buyer_no")}
        """,
    )
    pen.run("UPDATE demo_person p SET customer_id = t.customer_id FROM demo_person t WHERE t.buyer_no = p.same_as")
    pen.run("ANALYZE demo_person")
    pen.run(
        """
        INSERT INTO customers_customer (id, name, is_demo, batch_id, created_at, updated_at)
        SELECT customer_id, buyer_name, true, batch_id, created_at, %(moment)s FROM demo_person WHERE same_as IS NULL
        ORDER BY customer_id
        """
    )
    pen.run(
        """
        INSERT INTO customers_identity (customer_id, scope, key, label)
        SELECT customer_id, scope, 'id:' || buyer_name, buyer_name FROM demo_person ORDER BY first_order
        """
    )


def write_values(pen: Pen) -> None:
    """Sum up what each person bought."""
    pen.run(
        """
        INSERT INTO customers_customervalue (customer_id, currency, orders, paid, refunded, net, first_paid_at, last_paid_at)
        SELECT customer_id, 'CNY', count(*), sum(paid), sum(refunded), sum(paid - refunded), min(paid_at), max(paid_at)
        FROM demo_o WHERE kind = 'sale' AND paid > 0 GROUP BY 1 ORDER BY 1
        """
    )
