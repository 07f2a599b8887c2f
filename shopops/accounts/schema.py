"""How the API's description names personal tokens."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[misc, no-untyped-call]  # the library has no types
    """A personal token in the header ``Authorization: Bearer``."""

    target_class = "shopops.accounts.bearer.BearerAuthentication"
    name = "personalToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
