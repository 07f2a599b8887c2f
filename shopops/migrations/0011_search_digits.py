from django.db import migrations

from shopops.search.pieces import DIGITS_SQL


class Migration(migrations.Migration):
    """A function of the database that search indexes are made of; it never changes what it returns."""

    dependencies = [("shopops", "0010_log_in_rules")]

    operations = [migrations.RunSQL(DIGITS_SQL, "DROP FUNCTION so_digits(text)")]
