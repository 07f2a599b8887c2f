from django.db import migrations

from shopops.search.pieces import DIGITS_SQL


class Migration(migrations.Migration):
    """A function of the database that search indexes are made of; it never changes what it returns."""

    dependencies = [("shopops", "0007_names_for_people")]

    operations = [migrations.RunSQL(DIGITS_SQL, "DROP FUNCTION so_digits(text)")]
