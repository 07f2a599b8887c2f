"""The Celery application: messages only wake workers, PostgreSQL holds the work."""

import os

from celery import Celery
from celery.schedules import schedule
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")

app = Celery("shopops")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.on_after_finalize.connect
def _load_tasks(sender: Celery, **_kwargs: object) -> None:
    from shopops.topics import topic_modules  # noqa: PLC0415 - needs the app registry

    topic_modules("tasks")


@app.on_configure.connect
def _beat(sender: Celery, **_kwargs: object) -> None:
    # Each tick only ensures that rows exist under UNIQUE keys: doubled or late ticks are harmless.
    pace = float(settings.SWEEP_SECONDS)
    sender.conf.beat_schedule = {
        "sweep": {"task": "shopops.jobs.tasks.sweep", "schedule": schedule(pace), "options": {"expires": pace}},
    }
