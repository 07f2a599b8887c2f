"""Every topic's pages under ``/<topic>/`` and its API under ``/api/v1/<topic>/``; URL namespace = topic."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from shopops.topics import topic_modules

handler400 = "shopops.access.errors.bad_request"
handler403 = "shopops.access.errors.forbidden"
handler404 = "shopops.access.errors.not_found"
handler500 = "shopops.access.errors.server_error"


def _topic_urls() -> list[URLResolver]:
    found = []
    for kind, prefix in (("urls", ""), ("api_urls", "api/v1/")):
        for module in topic_modules(kind):
            topic = module.__name__.split(".")[-2]
            space = f"api_{topic}" if prefix else topic
            base = getattr(module, "PREFIX", f"{topic}/")
            found.append(path(f"{prefix}{base}", include((module.urlpatterns, space), namespace=space)))
    return found


# Of allauth only what staff need; everything else of it does not exist here.
_account = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
]
urlpatterns: list[URLPattern | URLResolver] = [path("account/", include(_account)), *_topic_urls()]
