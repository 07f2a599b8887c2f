"""R1–R4: dashboards, lists, searches, records, in a store of ten times the orders held against one of one time."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from bench import data, stores
from bench.measure import QUICK, Goal, say, timed

LOOKS: Final = 3 if QUICK else 7  # requests of one page, of which the fastest counts
ROUNDS: Final = 2 if QUICK else 3  # stores in turn
DASHBOARDS: Final = (
    "/",
    "/?range=last7",
    "/?range=quarter&compare=before",
    "/service/",
    "/planning/",
    "/marketing/",
    "/analysis/",
    "/sales/days/",
)
GROWING: Final = (
    "products_order", "products_orderline", "products_ordercontact", "products_shipment", "products_refund",
    "products_refundline", "customers_customer", "customers_identity", "customers_customervalue", "products_buyerday",
    "products_skuday", "products_placehourday", "shopops_change",
)  # fmt: skip
READY: Final = "sales.buyers"  # begins the keys of what the step after an import counted
Seconds = dict[str, float]


def goals() -> list[Goal]:
    """Measure the pages of both stores in turn."""
    found: dict[str, dict[str, Seconds]] = {size: {} for size in data.STORES}
    for _round in range(ROUNDS):
        for size, name in data.STORES.items():
            say(f"R1 R2 R3 pages of the {size} store")
            for group, seconds in stores.inside(name, "bench.pages:look").items():
                kept = found[size].setdefault(group, {})
                for page, value in seconds.items():
                    kept[page] = min(value, kept.get(page, value))
    small, large = found["1x"], found["10x"]
    say("R4 queries and templates of the lists; plans of empty answers")
    judged = stores.inside(data.STORES["10x"], "bench.pages:judge")
    return [
        _worst("R1", "dashboards as after an import, 10× ÷ 1×", 1.3, large["dashboards"], small["dashboards"]),
        _worst("R1-cold", "the same before the import's last step, 10× ÷ 1×", 10, large["cold"], small["cold"]),
        _worst("R2-depth", "lists at 90 % depth ÷ first page, 10×", 1.5, large["deep"], large["first"]),
        _worst(
            "R2-growth",
            "lists, first page and deep, 10× ÷ 1×",
            1.3,
            large["first"] | _deep(large),
            small["first"] | _deep(small),
        ),
        Goal(
            "R2-plans",
            "statements of empty answers without an index",
            0,
            [len(judged["scans"])],
            unit="plans",
            note=_plans(judged),
        ),
        _worst("R3", "search, hit and no hit, 10× ÷ 1×", 2.5, large["search"], small["search"]),
        _worst("R4", "list of 25 ÷ a view with only its bare SQL", 20, judged["page"], judged["bare"]),
        _most("R4-count", "queries of a list page, caches emptied", 12, judged["queries"]),
        _most("R4-equal", "queries of 100 rows − those of 25", 0, judged["more_queries"]),
        _worst("R5", "a customer's and an order's record, 10× ÷ 1×", 1.3, large["records"], small["records"]),
    ]


def _deep(found: dict[str, Seconds]) -> Seconds:
    return {f"{page} deep": value for page, value in found["deep"].items()}


def _worst(number: str, what: str, goal: float, product: Seconds, limit: Seconds) -> Goal:
    """Make a goal of the page with the worst ratio; the others stand in bench.json."""
    ratios = {page: product[page] / limit[page] for page in product if page in limit}
    worst = max(ratios, key=lambda page: ratios[page])
    each = {page: round(value, 3) for page, value in sorted(ratios.items(), key=lambda pair: -pair[1])}
    note = f"worst of {len(ratios)}: {worst}"
    return Goal(
        number, what, goal, [product[worst]], [limit[worst]], note=note, extra={"ratios": each, "seconds": product}
    )


def _most(number: str, what: str, goal: float, counts: dict[str, int]) -> Goal:
    worst = max(counts, key=lambda page: counts[page])
    return Goal(
        number, what, goal, [counts[worst]], unit="", note=f"worst of {len(counts)}: {worst}", extra={"counts": counts}
    )


def _plans(judged: dict[str, Any]) -> str:
    note = f"of {judged['plans']} over {judged['answers']} empty answers"
    return f"{note}: {'; '.join(judged['scans'][:6])}" if judged["scans"] else note


# --- inside the program


def look() -> dict[str, Seconds]:
    """Return the fastest of some looks at each page of this store.

    Dashboards are looked at twice. First with every cache empty: what people get between an import's commit and
    the end of the job that follows it. Then after that job's last step, which counts what boards will ask for.
    """
    from products.sales.readying import make_ready

    client = _client()
    cold = {url: _fastest(client, url) for url in DASHBOARDS}
    make_ready()
    lists = _lists()
    depths = {url: deep for url, view in lists.items() if (deep := _deep_url(url, view))}
    return {
        "cold": cold,
        "dashboards": {url: _fastest(client, url, kept=READY) for url in DASHBOARDS},
        "first": {url: _fastest(client, url) for url in lists},
        "deep": {url: _fastest(client, deep) for url, deep in depths.items()},
        "search": {name: _fastest(client, f"/orders/?q={text}") for name, text in _searches().items()},
        "records": {name: _fastest(client, url) for name, url in _records().items()},
    }


def judge() -> dict[str, Any]:
    """Return what each list costs beside its bare SQL, its query counts, and the plans of empty answers."""
    client = _client()
    found: dict[str, Any] = {"page": {}, "bare": {}, "queries": {}, "more_queries": {}}
    for url in _lists():
        with _captured() as statements:
            _get(client, url)
        again = list(statements)
        found["queries"][url] = len(statements)
        found["page"][url] = _fastest(client, url)
        found["bare"][url] = _least(partial(_bare, again))
        with _captured() as statements:
            _get(client, f"{url}?size=100")
        found["more_queries"][url] = abs(len(statements) - len(again))
    return found | _empty_answers(client)


def _client() -> Any:
    from django.test import Client

    from shopops.accounts.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="bench-0"), backend="shopops.accounts.backends.StaffBackend")
    return client


def _get(client: Any, url: str, kept: str = "") -> Any:
    """Get a page with emptied caches; entries that begin with ``kept`` stay."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM shopops_cache WHERE %s = '' OR NOT starts_with(cache_key, %s)", [kept, f":1:{kept}"]
        )
    response = client.get(url)
    if response.status_code != 200:
        raise SystemExit(f"{url}: {response.status_code} {response.headers.get('Location', '')}")
    return response


def _fastest(client: Any, url: str, kept: str = "") -> float:
    _get(client, url, kept)  # templates are compiled, plans are known
    return _least(partial(_get, client, url, kept))


def _least(work: Callable[[], object]) -> float:
    return min(timed(work) for _ in range(LOOKS))


def _lists() -> dict[str, Any]:
    """Return every list of the program by its address."""
    from django.urls import get_resolver

    from shopops.ui.pages import ListPage

    def walk(patterns: Any, start: str) -> Iterator[tuple[str, Any]]:
        for item in patterns:
            path = f"{start}{item.pattern}"
            if hasattr(item, "url_patterns"):
                yield from walk(item.url_patterns, path)
            elif _is_list(item.callback, ListPage) and "<" not in path:
                yield f"/{path}", item.callback.view_class

    return dict(walk(get_resolver().url_patterns, ""))


def _is_list(callback: Any, base: type) -> bool:
    view = getattr(callback, "view_class", None)
    return view is not None and issubclass(view, base) and "get" in view.http_method_names


def _view(url: str, page: Any) -> Any:
    from django.test import RequestFactory

    from shopops.accounts.models import User

    view = page()
    request = RequestFactory().get(url)
    request.user = User.objects.with_permissions().get(username="bench-0")
    view.setup(request)
    return view


def _deep_url(url: str, page: Any) -> str:
    """Return the address of the page nine tenths down; empty where a list has less than two pages."""
    from django.http import QueryDict

    from shopops.ui import keyset
    from shopops.ui.pages import State

    view = _view(url, page)
    state = State(view, QueryDict())
    rows, order = view._narrowed(state), view._order(state)
    count = rows.count()
    if count < 100:
        return ""
    row = rows.order_by(*order)[int(count * 0.9)]
    return f"{url}?after={keyset._encoded(row, order)}"


def _searches() -> dict[str, str]:
    from products.orders.models import Order, OrderContact

    newest = Order.objects.order_by("-id")
    order = newest.exclude(buyer="")[newest.count() // 3]
    tail = OrderContact.objects.exclude(phone_tail="").order_by("order").values_list("phone_tail", flat=True).first()
    known = set(OrderContact.objects.values_list("phone_tail", flat=True).distinct())
    absent = next((f"{number:04d}" for number in range(10_000) if f"{number:04d}" not in known), "")
    found = {
        "number": order.number,
        "number, no hit": "ZZ99999999999",
        "last four": tail,
        "name of two": re.sub(r"[^\u4e00-\u9fff]", "", order.buyer)[:2] or order.buyer[:2],
        "name of two, no hit": "龘靐",
        "goods": order.titles[:4],
    }
    return found | ({"last four, no hit": absent} if absent else {})


def _records() -> dict[str, str]:
    from customers.value.models import CustomerValue
    from products.orders.models import Order

    usual = CustomerValue.objects.filter(orders=3).order_by("customer_id").first()
    order = Order.objects.filter(line_count=2).order_by("id").first()
    return {"customer": f"/customers/{usual.customer_id}/", "order": f"/orders/{order.pk}/"}


Statement = tuple[str, Any]


@contextmanager
def _captured() -> Iterator[list[Statement]]:
    """Collect the statements that are sent."""
    from django.db import connection

    statements: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "shopops_cache" not in sql:  # emptied by ourselves
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def _bare(statements: list[Statement]) -> str:
    """Do what a view of nothing but these statements does."""
    from django.db import connection

    rows = []
    with connection.cursor() as cursor:
        for sql, params in statements:
            if sql.startswith("SELECT"):
                cursor.execute(sql, params)
                rows.append(cursor.fetchall())
    return json.dumps(rows, default=str)


def _empty_answers(client: Any) -> dict[str, Any]:
    """Explain every statement of every list where nothing fits; name those that read a whole growing table."""
    answers, plans, scans = 0, 0, []
    for url, page in _lists().items():
        for query in _questions(_view(url, page)):
            if not _is_empty(f"{url}?{query}", page):
                continue
            with _captured() as statements:
                _get(client, f"{url}?{query}")
            answers += 1
            for sql, params in statements:
                if sql.startswith("SELECT") and any(f'"{table}"' in sql for table in GROWING):
                    plans += 1
                    scans += [f"{url}?{query} {table}" for table in _scanned(sql, params)]
    return {"answers": answers, "plans": plans, "scans": sorted(set(scans))}


def _is_empty(url: str, page: Any) -> bool:
    """Say whether the list at this address has no row (a broad filter may well read a table)."""
    from shopops.ui.filters import BadFilter
    from shopops.ui.pages import State

    view = _view(url, page)
    try:
        state = State(view, view.request.GET)
        return not view._in_tab(view._narrowed(state), state).exists()
    except BadFilter:
        return False


def _questions(view: Any) -> Iterator[str]:
    """Yield for each tab, filter and the search what finds nothing or least."""
    from shopops.ui.filters import Choice, Days, Flag, Number

    yield from (f"tab={tab.code}" for tab in view.get_tabs() if tab.code)
    yield from ("q=龘靐", "q=ZZ99999999999")
    for item in view.get_filters():
        if isinstance(item, Days):
            yield f"{item.params[0]}=1999-01-01&{item.params[1]}=1999-01-02"
        elif isinstance(item, Number):
            yield f"{item.param}=999999999"
        elif isinstance(item, Flag):
            yield f"{item.param}=1"
        elif isinstance(item, Choice):
            for value, _label in item.options():
                yield from (f"{item.param}={value}", f"{item.param}={value}&q=龘靐")
        else:
            yield f"{item.param}=zz99"


def _scanned(sql: str, params: Any) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples >= 2000", [list(GROWING)])
        large = {name for (name,) in cursor.fetchall()}
    return [name for name in _whole(plan[0]["Plan"]) if name in large]


def _whole(node: dict[str, Any], *, few: bool = False) -> Iterator[str]:
    """Yield the tables a plan reads from end to end; one that stops after some rows of many does not."""
    if node["Node Type"] == "Seq Scan" and not (few and "Filter" not in node):
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from _whole(part, few=few or node["Node Type"] == "Limit")
