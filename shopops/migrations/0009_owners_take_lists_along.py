from django.db import migrations

# A store that knew the permission before gives it to nobody by itself; where it is not known yet, set-up does it.
GIVE = """
    SELECT set_config('shopops.actor', '0', true);
    UPDATE shopops_role SET permissions = permissions || ARRAY['orders.export']::varchar[], updated_at = now()
    WHERE code = 'owner' AND NOT permissions @> ARRAY['orders.export']::varchar[]
      AND EXISTS (SELECT FROM shopops_knownpermission WHERE code = 'orders.export');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('shopops', '0008_refusals_in_each_language'),
    ]

    operations = [
        migrations.RunSQL(GIVE, migrations.RunSQL.noop),
    ]
