from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while orders are written

    dependencies = [
        ('products', '0015_own_note_and_flag'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('flag_own', ''), _negated=True), fields=['flag_own', '-created_at', '-id'], name='order_flagged'),
        ),
    ]
