"""Who gets the order and its parcels."""

from typing import Final

from products.orders.merge.statements import Statements


def _better(field: str) -> str:
    """Say when the file's value replaces ours: ours is blank, ours is masked, or the file is not older."""
    return (
        f"c.{field}_mask <> '' AND (x.{field}_mask = '' OR c.{field}_digest IS NOT NULL"
        f" AND (x.{field}_digest IS NULL OR c.wins AND x.{field}_digest <> c.{field}_digest))"
    )


_PHONE: Final = _better("phone")
_EMAIL: Final = _better("email")
_NAME: Final = "c.name_mask <> '' AND (x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL)"
_BETTER: Final = f"({_PHONE}) OR ({_EMAIL}) OR ({_NAME}) OR x.address IS NULL AND c.address IS NOT NULL"


def write_contacts(run: Statements) -> None:
    """Unmasked over masked, never the reverse; compared by keyed hash and mask, because ciphers differ each time."""
    run.run(
        """
        CREATE TEMP TABLE m_contacts ON COMMIT DROP AS
        SELECT f.order_id, s.name_cipher AS name, coalesce(s.name_mask, '') AS name_mask,
               s.phone_cipher AS phone, s.phone_digest, coalesce(s.phone_tail, '') AS phone_tail,
               coalesce(s.phone_mask, '') AS phone_mask, s.email_cipher AS email, s.email_digest,
               coalesce(s.email_mask, '') AS email_mask, s.address_cipher AS address,
               f.recency IN ('new', 'newer') OR f.recency = 'tie' AND $take_ties AS wins
        FROM m_file s JOIN m_final f ON f.number = s.order_number
        WHERE s.name_mask <> '' OR s.phone_mask <> '' OR s.email_mask <> '' OR s.address_cipher IS NOT NULL
        """
    )
    run.run(
        "INSERT INTO products_replacedcontact (batch_id, order_id, content)"
        f" SELECT $batch, x.order_id, to_jsonb(x) FROM products_ordercontact x JOIN m_contacts c USING (order_id) WHERE {_BETTER}"
    )
    run.run(
        f"""
        UPDATE products_ordercontact x SET
            name = CASE WHEN {_NAME} THEN coalesce(c.name, x.name) ELSE x.name END,
            name_mask = CASE WHEN {_NAME} THEN left(c.name_mask, 64) ELSE x.name_mask END,
            phone = CASE WHEN {_PHONE} THEN c.phone ELSE x.phone END,
            phone_digest = CASE WHEN {_PHONE} THEN c.phone_digest ELSE x.phone_digest END,
            phone_tail = CASE WHEN {_PHONE} THEN left(c.phone_tail, 4) ELSE x.phone_tail END,
            phone_mask = CASE WHEN {_PHONE} THEN left(c.phone_mask, 32) ELSE x.phone_mask END,
            email = CASE WHEN {_EMAIL} THEN c.email ELSE x.email END,
            email_digest = CASE WHEN {_EMAIL} THEN c.email_digest ELSE x.email_digest END,
            email_mask = CASE WHEN {_EMAIL} THEN left(c.email_mask, 80) ELSE x.email_mask END,
            address = coalesce(x.address, c.address)
        FROM m_contacts c
        WHERE x.order_id = c.order_id AND ({_BETTER})
        """
    )
    run.run(
        """
        INSERT INTO products_ordercontact (order_id, name, name_mask, phone, phone_digest, phone_tail, phone_mask, email,
                                           email_digest, email_mask, address, batch_id)
        SELECT order_id, name, left(name_mask, 64), phone, phone_digest, left(phone_tail, 4), left(phone_mask, 32), email,
               email_digest, left(email_mask, 80), address, $batch
        FROM m_contacts c WHERE NOT EXISTS (SELECT FROM products_ordercontact x WHERE x.order_id = c.order_id)
        ORDER BY order_id
        """
    )


def write_shipments(run: Statements) -> None:
    run.run(
        """
        CREATE TEMP TABLE m_shipments ON COMMIT DROP AS
        SELECT f.order_id, s.waybill, min(coalesce(s.courier, '')) AS courier, min(s.shipped_at) AS shipped_at
        FROM $stage s JOIN m_final f ON f.number = s.order_number
        WHERE s.waybill <> '' GROUP BY 1, 2
        """
    )
    run.run(
        """
        UPDATE products_shipment x SET courier = coalesce(nullif(x.courier, ''), m.courier),
               shipped_at = coalesce(x.shipped_at, m.shipped_at)
        FROM m_shipments m
        WHERE x.order_id = m.order_id AND x.waybill = m.waybill
          AND (x.courier = '' AND m.courier <> '' OR x.shipped_at IS NULL AND m.shipped_at IS NOT NULL)
        """
    )
    run.run(
        """
        INSERT INTO products_shipment (order_id, waybill, courier, shipped_at, batch_id)
        SELECT order_id, waybill, courier, shipped_at, $batch FROM m_shipments m
        WHERE NOT EXISTS (SELECT FROM products_shipment x WHERE x.order_id = m.order_id AND x.waybill = m.waybill)
        ORDER BY order_id, waybill
        """
    )
