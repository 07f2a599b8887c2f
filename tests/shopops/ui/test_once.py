"""Two equal POSTs at the same moment: the second waits and is given the first's answer."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from shopops.acts.models import Act
from shopops.history.models import Change
from tests.factories.orders import make_channel, make_order
from tests.forms import forms_of


@pytest.mark.django_db(transaction=True)
def test_a_double_click_at_the_same_moment_acts_once_and_both_go_to_the_same_page(make_user):
    order, person = make_order(make_channel()), make_user("planner")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person, backend="shopops.accounts.backends.StaffBackend")
    page = f"/orders/bulk/flag/?row={order.pk}"
    (form,) = [form for form in forms_of(browser.get(page).content.decode(), page) if form.url_name == "orders:bulk"]
    together, answers = Barrier(2), []

    def click():
        try:
            mine = Client(enforce_csrf_checks=True)
            mine.cookies = browser.cookies.copy()
            together.wait()
            answer = form.send(mine, flag="red")
            answers.append((answer.status_code, answer.headers.get("Location")))
        finally:
            connection.close()

    clicks = [Thread(target=click) for _click in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert answers[0] == answers[1] == (302, "/orders/?")
    assert Act.objects.count() == 1
    assert Change.objects.filter(source=Act.objects.get().source).count() == 1


@pytest.mark.django_db
def test_whoever_opens_the_page_again_does_it_again(client_of):
    order = make_order(make_channel())
    planner = client_of("planner")
    page = f"/orders/bulk/note/?row={order.pk}"
    for text in ("A", "A", "B"):
        (form,) = [
            form for form in forms_of(planner.get(page).content.decode(), page) if form.url_name == "orders:bulk"
        ]
        form.send(planner, text=text)

    order.refresh_from_db()
    assert (order.note, Act.objects.count()) == ("B A", 3)


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again_at_once(client_of):
    planner, order = client_of("planner"), make_order(make_channel())
    (form,) = [
        form
        for form in forms_of(planner.get(f"/orders/{order.pk}/").content.decode(), f"/orders/{order.pk}/")
        if form.url_name == "orders:own"
    ]

    assert [form.send(planner, note="x" * 501).status_code for _try in range(2)] == [422, 422]
    assert form.send(planner, note="x").status_code == 302
