"""Buyers of a month up to each of its days are stored: throw the counts away, the program counts them anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("products", "0013_lists_of_refunds_and_digits")]
    operations = [
        migrations.RunSQL("DELETE FROM products_buyersofperiod", migrations.RunSQL.noop),
    ]
