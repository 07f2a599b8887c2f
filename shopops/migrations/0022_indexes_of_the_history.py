from django.db import migrations, models


INDEXES = [
    models.Index(
        condition=models.Q(("request_id", ""), _negated=True), fields=["request_id", "id"], name="change_of_request"
    ),
    models.Index(condition=models.Q(("forgotten__isnull", False)), fields=["id"], name="change_forgotten"),
    models.Index(condition=models.Q(("op", "delete")), fields=["table_name", "id"], name="change_deleted"),
    models.Index(
        condition=models.Q(("op__in", ("reveal", "export", "read", "see_as"))), fields=["-id"], name="change_look"
    ),
]
STATE = "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = %s"


def build(apps, schema_editor):
    """Build what is missing while people go on writing; one that was broken off is built anew."""
    change = apps.get_model("shopops", "Change")
    for index in INDEXES:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(STATE, [index.name])
            found = cursor.fetchone()
        if found is None or not found[0]:
            schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')
            schema_editor.execute(index.create_sql(change, schema_editor, concurrently=True))


def drop(apps, schema_editor):
    for index in INDEXES:
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')


class Migration(migrations.Migration):
    """Indexes of the history, the longest table of all: nobody's save waits for them."""

    atomic = False
    dependencies = [("shopops", "0021_names_for_people_who_clear")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, drop)],
            state_operations=[migrations.AddIndex(model_name="change", index=index) for index in INDEXES],
        )
    ]
