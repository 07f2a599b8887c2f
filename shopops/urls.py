"""Every topic's pages under ``/<topic>/`` and its API under ``/api/v1/<topic>/``; URL namespace = topic."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, URLResolver, include, path

from shopops.accounts import factor_views
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
    path("logout/", factor_views.LogOut.as_view(), name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("login/second/", mfa.authenticate, name="mfa_authenticate"),
    path("factors/", factor_views.factors, name="mfa_index"),
    path("factors/app/", factor_views.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("factors/app/remove/", factor_views.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("factors/passkey/", factor_views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("factors/passkey/<int:pk>/remove/", factor_views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("factors/codes/", factor_views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("factors/codes/new/", factor_views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
]
urlpatterns: list[URLPattern | URLResolver] = [path("account/", include(_account)), *_topic_urls()]
