"""A list's state stands in its URL; page, fragment and file come from the same view."""

import base64
import csv
import io

import pytest
from django.urls import reverse

URL = "/accounts/"


@pytest.fixture
def administrator(client_of):
    return client_of("administrator")


def people(make_user, count):
    for number in range(count):
        make_user("designer", username=f"person{number:03d}")


def test_a_plain_request_gets_the_page_and_htmx_the_fragment_of_the_same_url(administrator):
    page = administrator.get(URL, {"role": "administrator"})
    fragment = administrator.get(URL, {"role": "administrator"}, headers={"HX-Request": "true"})

    assert page.status_code == fragment.status_code == 200
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert fragment.text.strip().startswith('<section class="so-card so-list" id="list"')
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("query", ["role=nobody", "tab=none", "unknown=1", "role=a%00b", "sort=x", "role=" + "x" * 300])
def test_what_the_url_cannot_mean_is_refused_with_words_and_not_ignored(administrator, query):
    answer = administrator.get(f"{URL}?{query}")

    assert answer.status_code == 400
    assert "400" in answer.text


def cursor(body):
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (URL, "nonsense"),
        (URL, cursor("[" * 1400)),
        (URL, cursor('["\\ud800","1"]')),
        (URL, cursor('["\\u0000","1"]')),
        (URL, cursor('[{"a":1},"1"]')),
        (URL, cursor('["a","99999999999999999999"]')),
        ("/customers/?sort=net", cursor('["1E+999999","1"]')),
        ("/customers/?sort=net", cursor('["1E-999999","1"]')),
        ("/customers/?sort=net", cursor('["NaN","1"]')),
        ("/orders/", cursor('["0000-00-00","1"]')),
    ],
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_nobody_gave_out_is_not_found(client_of, address, text, way):
    browser = client_of("administrator" if address == URL else "manager")

    assert browser.get(f"{address}{'&' if '?' in address else '?'}{way}={text}").status_code == 404


def test_pages_follow_each_other_both_ways(administrator, make_user):
    people(make_user, 60)

    first = administrator.get(URL).context
    second = administrator.get(URL + first["next"]).context
    third = administrator.get(URL + second["next"]).context
    again = administrator.get(URL + third["previous"]).context

    names = [[line["row"].username for line in page["lines"]] for page in (first, second, third)]
    assert [len(page) for page in names] == [25, 25, 11]
    assert sum(names, []) == sorted(sum(names, []))  # noqa: RUF017 - three short lists
    assert first["previous"] == ""
    assert third["next"] == ""
    assert [line["row"].username for line in again["lines"]] == names[1]


@pytest.mark.parametrize("rows", [1, 40])
def test_a_list_costs_the_same_queries_whatever_its_length(rows, administrator, make_user, django_assert_num_queries):
    people(make_user, rows)
    administrator.get(URL)

    with django_assert_num_queries(
        7
    ):  # session, person, roles to choose from, tabs, rows, the rows' roles, the frame's counts
        administrator.get(URL)


def test_counts_of_tabs_follow_the_filters(administrator, make_user):
    people(make_user, 3)

    tabs = administrator.get(URL, {"role": "designer"}).context["tabs"]

    assert [(tab["code"], tab["count"]) for tab in tabs] == [("", "3"), ("off", "0")]


def test_chosen_columns_stand_in_the_url_and_are_remembered_for_this_list(administrator):
    chosen = administrator.get(URL, {"cols": ["full_name", "state"]})
    later = administrator.get(URL)
    usual = administrator.get(URL, {"cols": "usual"})

    shown = [column.name for column in chosen.context["table"].shown]
    assert "department" not in shown
    assert [column.name for column in later.context["table"].shown] == shown
    assert "department" in [column.name for column in usual.context["table"].shown]


def test_the_chip_of_a_filter_takes_only_this_filter_away(administrator):
    page = administrator.get(URL, {"role": "designer", "q": "li", "size": "50"})

    (chip,) = page.context["chips"]
    assert chip["words"] == "Designer"
    assert chip["remove"] == "?q=li&size=50"


def test_a_file_holds_what_is_filtered_in_the_columns_shown(administrator, make_user):
    people(make_user, 30)

    answer = administrator.get(URL, {"role": "designer", "export": "csv"})

    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 31
    assert answer["Content-Disposition"].startswith('attachment; filename="accounts-')


def test_a_file_needs_the_permission_of_files(administrator, monkeypatch):
    from shopops.accounts.views import PeopleList

    monkeypatch.setattr(PeopleList, "export_permission", "pay.view")

    assert administrator.get(URL, {"export": "csv"}).status_code == 403
    assert not administrator.get(URL).context["exports"]


def test_an_empty_answer_says_why_and_how_to_go_on(administrator):
    answer = administrator.get(URL, {"q": "nobody-of-this-name"})

    assert "Nothing fits these filters" in answer.text
    assert "Clear the filters" in answer.text


def test_nobody_without_the_permission_sees_the_list(client_of):
    assert client_of("designer").get(URL).status_code == 403


def test_the_list_page_is_the_one_of_the_url_name(administrator):
    assert reverse("accounts:people") == URL
