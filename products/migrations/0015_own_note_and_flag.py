from django.db import migrations, models


class Migration(migrations.Migration):
    # Columns with a default of the database: no row is rewritten.

    dependencies = [
        ('customers', '0006_names_for_people'),
        ('products', '0014_buyers_of_months_so_far'),
        ('shopops', '0016_acts'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='flag_own',
            field=models.CharField(blank=True, choices=[('red', 'Urgent'), ('amber', 'Waits for the buyer'), ('blue', 'Follow up'), ('green', 'Settled'), ('violet', 'Important buyer')], db_default='', default='', max_length=8, verbose_name="store's flag"),
        ),
        migrations.AddField(
            model_name='order',
            name='note',
            field=models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name="store's note"),
        ),
    ]
