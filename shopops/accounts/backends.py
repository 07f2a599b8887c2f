from allauth.account.auth_backends import AuthenticationBackend

from shopops.accounts.models import User


class StaffBackend(AuthenticationBackend):
    """Log-in by user name; permissions come from roles, fetched with the user in one query."""

    def get_user(self, user_id: int) -> User | None:
        user: User | None = User.objects.with_permissions().filter(pk=user_id, is_active=True).first()
        return user

    @classmethod
    def _stash_user(cls, user: User | None) -> User | None:
        """Remember nobody: who is switched off gets the answer of a wrong password, be it right or not."""
        return None

    def has_perm(self, user_obj: User, perm: str, obj: object = None) -> bool:
        return user_obj.is_authenticated and user_obj.has_perm(perm, obj)

    def get_all_permissions(self, user_obj: User, obj: object = None) -> set[str]:
        return set(user_obj.permission_codes) if user_obj.is_authenticated else set()
