"""Who gets the order and its parcels."""

from products.orders.merge.statements import Statements


def write_contacts(run: Statements) -> None:
    """Unmasked over masked, never the reverse; compared by keyed hash and mask, because ciphers differ each time."""
    run.run(
        """
        CREATE TEMP TABLE m_contacts ON COMMIT DROP AS
        SELECT f.order_id, s.name_cipher AS name, coalesce(s.name_mask, '') AS name_mask,
               s.phone_cipher AS phone, s.phone_digest, coalesce(s.phone_tail, '') AS phone_tail,
               coalesce(s.phone_mask, '') AS phone_mask, s.email_cipher AS email, s.email_digest,
               coalesce(s.email_mask, '') AS email_mask, s.address_cipher AS address
        FROM m_file s JOIN m_final f ON f.number = s.order_number
        WHERE s.name_mask <> '' OR s.phone_mask <> '' OR s.email_mask <> '' OR s.address_cipher IS NOT NULL
        """
    )
    run.run(
        """
        UPDATE products_ordercontact x SET
            name = CASE WHEN x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL THEN coalesce(c.name, x.name) ELSE x.name END,
            name_mask = CASE WHEN x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL THEN c.name_mask ELSE x.name_mask END,
            phone = CASE WHEN $phone_wins THEN c.phone ELSE x.phone END,
            phone_digest = CASE WHEN $phone_wins THEN c.phone_digest ELSE x.phone_digest END,
            phone_tail = CASE WHEN $phone_wins THEN c.phone_tail ELSE x.phone_tail END,
            phone_mask = CASE WHEN $phone_wins THEN c.phone_mask ELSE x.phone_mask END,
            email = CASE WHEN $email_wins THEN c.email ELSE x.email END,
            email_digest = CASE WHEN $email_wins THEN c.email_digest ELSE x.email_digest END,
            email_mask = CASE WHEN $email_wins THEN c.email_mask ELSE x.email_mask END,
            address = coalesce(x.address, c.address)
        FROM m_contacts c
        WHERE x.order_id = c.order_id
          AND ($phone_wins OR $email_wins OR x.address IS NULL AND c.address IS NOT NULL
               OR c.name_mask <> '' AND (x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL))
        """,
        phone_wins="(c.phone_mask <> '' AND (x.phone_mask = '' OR c.phone_digest IS NOT NULL AND x.phone_digest IS DISTINCT FROM c.phone_digest))",
        email_wins="(c.email_mask <> '' AND (x.email_mask = '' OR c.email_digest IS NOT NULL AND x.email_digest IS DISTINCT FROM c.email_digest))",
    )
    run.run(
        """
        INSERT INTO products_ordercontact (order_id, name, name_mask, phone, phone_digest, phone_tail, phone_mask, email,
                                           email_digest, email_mask, address)
        SELECT order_id, name, left(name_mask, 64), phone, phone_digest, left(phone_tail, 4), left(phone_mask, 32), email,
               email_digest, left(email_mask, 80), address
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
               shipped_at = coalesce(x.shipped_at, m.shipped_at), batch_id = $batch
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
