from django.db import migrations

from shopops.search.pieces import PIECES_SQL, PLAIN_SQL


class Migration(migrations.Migration):
    """Functions of the database that search indexes are made of; they never change what they return."""

    dependencies = [("shopops", "0002_import_fields")]

    operations = [
        migrations.RunSQL(PLAIN_SQL, "DROP FUNCTION so_plain(text)"),
        migrations.RunSQL(PIECES_SQL, "DROP FUNCTION so_pieces(text)"),
    ]
