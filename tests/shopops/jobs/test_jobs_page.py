"""The administrator sees what works, what waits and which queue is silent."""

from datetime import timedelta

import pytest
from django.urls import reverse

from shopops import clock
from shopops.jobs import services
from shopops.jobs.models import Job


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_costs_the_same_queries_whatever_its_length(rows, client_of, django_assert_num_queries):
    administrator = client_of("administrator")
    for number in range(rows):
        services.ensure("a.b", str(number), arguments={}, queue="default")
    administrator.get(reverse("jobs:list"))

    with django_assert_num_queries(7):  # session, person, counts, page, outbox, signs of life, the frame's counts
        page = administrator.get(reverse("jobs:list"))

    assert page.content.decode().count("<tr") == min(rows, 25) + 1


def test_a_silent_queue_is_shown_in_red(client_of):
    services.tick("imports", now=clock.now())
    services.tick("reports", now=clock.now() - timedelta(minutes=4))

    page = client_of("administrator").get(reverse("jobs:list"))

    silent = {sign["name"] for sign in page.context["signs"] if sign["silent"]}
    assert silent == {"beat", "campaigns", "reports", "default"}


def test_failed_jobs_are_one_click_away(client_of):
    services.ensure("a.b", "1", arguments={}, queue="default")
    job, _made = services.ensure("a.b", "2", arguments={}, queue="default")
    Job.objects.filter(pk=job.pk).update(state="failed", error="lost five times")

    page = client_of("administrator").get(reverse("jobs:list"), {"tab": "failed"}).content.decode()

    assert "lost five times" in page
    assert page.count("<tr") == 2
