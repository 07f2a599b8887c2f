"""The history forgets a person: by one function of the database's owner, for the columns it was made with.

The program's role may alter no change. What it may is ask for the personal columns of given rows to be
taken out; the function says in the history that it did, and keeps the hash of what stood there, so that
the chain of seals still fits. It is made anew after each migration, from what the topics declare.
"""

from typing import Final

from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate
from psycopg2 import sql

from shopops.history.guards import APP_ROLE
from shopops.privacy.registry import Subject, personal_columns

_FUNCTION: Final = sql.SQL(
    """
    CREATE OR REPLACE FUNCTION shopops_forget(named text, ids bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        columns text[] := CASE named {cases} END;
        done bigint;
    BEGIN
        IF columns IS NULL THEN
            RAISE EXCEPTION 'The table % holds no personal columns.', named USING ERRCODE = 'SO002';
        END IF;
        IF coalesce(current_setting('shopops.actor', true), '') = '' THEN
            RAISE EXCEPTION 'To forget needs an actor.' USING ERRCODE = 'SO001';
        END IF;
        WITH emptied AS (
            UPDATE shopops_change c SET
                forgotten = coalesce(c.forgotten, encode(sha256(convert_to(c.changes::text, 'UTF8')), 'hex')),
                changes = c.changes - columns
            WHERE c.table_name = named AND c.row_id = ANY(ids) AND c.op IN ('insert', 'update', 'delete')
              AND c.changes ?| columns
            RETURNING c.row_id
        ), told AS (
            INSERT INTO shopops_change (at, table_name, row_id, op, changes, actor_id, request_id, source)
            SELECT clock_timestamp(), named, e.row_id, 'forget', jsonb_build_object('changes', count(*)),
                   nullif(nullif(current_setting('shopops.actor', true), ''), '0')::bigint,
                   coalesce(current_setting('shopops.request', true), ''),
                   coalesce(current_setting('shopops.source', true), '')
            FROM emptied e GROUP BY e.row_id ORDER BY e.row_id
        )
        SELECT count(*) INTO done FROM emptied;
        RETURN done;
    END $$
    """
)


def forget(subject: Subject) -> int:
    """Take the person's former values out of the history; return how many changes lost some."""
    found = 0
    with connection.cursor() as cursor:
        for table in sorted(personal_columns()):
            if ids := subject.ids(table):
                cursor.execute("SELECT shopops_forget(%s, %s)", [table, ids])
                found += int(cursor.fetchone()[0])
    return found


def make_function(sender: object, **_kwargs: object) -> None:
    """Give the database its function, by its owner; the program's own role could not."""
    cases = [
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(table), sql.Literal(list(columns)))
        for table, columns in sorted(personal_columns().items())
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] != APP_ROLE:
            cursor.execute(_FUNCTION.format(cases=sql.SQL(" ").join(cases)))


post_migrate.connect(make_function, sender=apps.get_app_config("shopops"), dispatch_uid="forgetting")
