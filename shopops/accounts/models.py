from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from shopops.access.scopes import Grant, Scope
from shopops.accounts.queries import UserManager
from shopops.history.triggers import audited


class Department(models.Model):
    """One of the six departments, or the management (ORG-0)."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=64)
    app = models.CharField(max_length=32, blank=True)  # the app whose topics it works in
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("department")
        triggers = audited()

    def __str__(self) -> str:
        return str(_(self.name))


class Role(models.Model):
    """What a group of people may do: permission codes ``<topic>.<verb>`` (ORG-0)."""

    class Factor(models.TextChoices):
        DEFAULT = "", _("Required on a public address")
        REQUIRED = "required", _("Always required")
        OFFERED = "offered", _("Offered")

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=64)
    permissions = ArrayField(models.CharField(max_length=64), default=list, verbose_name=_("permissions"))
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    second_factor = models.CharField(
        _("second factor"), max_length=8, choices=Factor, default=Factor.OFFERED, blank=True
    )
    idle_minutes = models.PositiveSmallIntegerField(_("minutes without use"), default=480)  # then the log-in ends
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("role")
        constraints = [
            models.CheckConstraint(
                name="role_ends_idle_log_ins_in_5_minutes_to_12_hours",
                condition=models.Q(idle_minutes__gte=5, idle_minutes__lte=720),
            )
        ]
        triggers = audited()

    def __str__(self) -> str:
        return str(_(self.name))


class User(AbstractBaseUser):
    """A log-in of a member of staff (ORG-0)."""

    username = models.CharField(_("user name"), max_length=64, unique=True)
    email = models.EmailField(_("e-mail"), blank=True)
    full_name = models.CharField(_("name"), max_length=64)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("department")
    )
    team = models.CharField(_("team"), max_length=40, blank=True)  # within the department
    roles = models.ManyToManyField(Role, related_name="users", blank=True, verbose_name=_("roles"), through="UserRole")
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False)
    factor_count = models.PositiveSmallIntegerField(_("second factors"), default=0)  # codes and passkeys, kept in step
    session_epoch = models.PositiveIntegerField(_("log-ins ended"), default=0)  # one more, and every session is over
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="zh-hans")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("person")
        triggers = audited(ignore=("updated_at", "last_login"), secret=("password",))

    def __str__(self) -> str:
        return self.full_name or self.username

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """What each role gives this person, and how far it reaches."""
        given = self.__dict__.get("all_grants")  # fetched with the row by the log-in backend
        if given is None:
            given = self.userrole_set.order_by("pk").values(
                "scope", "channels", code=models.F("role__code"), permissions=models.F("role__permissions")
            )
        return tuple(
            Grant(
                row["code"],
                frozenset(row["permissions"]),
                Scope(row["scope"]),
                None if row["channels"] is None else frozenset(row["channels"]),
            )
            for row in given
        )

    @cached_property
    def permission_codes(self) -> frozenset[str]:
        """The codes all roles of this person give together."""
        return frozenset(code for grant in self.grants for code in grant.permissions)

    @cached_property
    def role_codes(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def has_perm(self, code: str, _obj: object = None) -> bool:
        return self.is_active and code in self.permission_codes

    def has_perms(self, codes: list[str], _obj: object = None) -> bool:
        return all(self.has_perm(code) for code in codes)

    @property
    def is_staff(self) -> bool:
        return self.is_active

    is_superuser = False  # nobody passes a check without a role
    seeing_as: "Role | None" = None  # of the request: whose pages an administrator looks at (shopops.accounts.seeing)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie sessions to the password and to ``session_epoch``: a change of either ends them all."""
        tied = f"{self.password}|{self.session_epoch}"
        return salted_hmac("shopops.accounts.session", tied, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class UserRole(models.Model):
    """A role somebody has, and how far it reaches for them (ORG-0)."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("person"))
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role"))
    scope = models.CharField(_("whose rows"), max_length=10, choices=Scope, default=Scope.ALL)
    channels = ArrayField(models.BigIntegerField(), null=True, blank=True, verbose_name=_("channels"))  # null: all

    class Meta:
        verbose_name = _("role")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user")]
        triggers = audited()


class KnownPermission(models.Model):
    """A permission code this store has met: only new ones are given to their first roles."""

    code = models.CharField(max_length=64, primary_key=True)


class ApiToken(models.Model):
    """A personal key to the API: some of its owner's permissions, for a while."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(_("name"), max_length=64)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)  # SHA-256 of the token, which is stored nowhere
    scopes = ArrayField(models.CharField(max_length=64), default=list, verbose_name=_("permissions"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("ends"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("API token")
        constraints = [models.CheckConstraint(name="token_has_a_name", condition=~models.Q(name=""))]
        indexes = [models.Index(fields=["user", "-id"], name="token_of_user")]
        triggers = audited(ignore=("last_used_at",), secret=("digest",))

    def __str__(self) -> str:
        return self.name


class Letter(models.Model):
    """A mail to somebody whose log-in was changed, owed until the worker has handed it over."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    what = models.CharField(max_length=16)  # of shopops.accounts.letters.SENTENCES
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # committed before the mail server hears of it

    class Meta:
        indexes = [models.Index(fields=["id"], name="letter_owed", condition=models.Q(sent_at=None))]


class ResetRequest(models.Model):
    """Somebody forgot a password: what they typed, encrypted, until the worker has looked who is meant."""

    asked = models.BinaryField()
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="reset_open", condition=models.Q(handled_at=None))]
