"""Every setting of the product, once, typed, read from the environment.

Each variable may also be given as ``NAME_FILE``: the path of a file that holds the value.
A missing or wrong one is named at start. Units stand beside each number.
"""

import os
import re
from datetime import date
from email.utils import parseaddr
from pathlib import Path

import structlog
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

from shopops.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent


env = Environment()

# --- the installation
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
_expected = "https://host or http://localhost:port, without a path"
_site = env.address("SITE_URL", SITE_URL, ("http", "https"), _expected)
if not _site.hostname or _site.username or _site.path or _site.query or _site.fragment:
    raise ImproperlyConfigured(f"SITE_URL: expected {_expected}.")
SECURE = _site.scheme == "https"
DEBUG = env.bool("DEBUG", default=False)
if DEBUG and SECURE:
    raise ImproperlyConfigured("DEBUG: must be off where SITE_URL is https.")
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", [])
if any(len(former) < 32 for former in SECRET_KEY_FALLBACKS):
    raise ImproperlyConfigured("SECRET_KEY_FALLBACKS: each needs at least 32 characters.")
FIELD_KEY = env.key("FIELD_KEY")  # encrypts personal fields and kept uploads
FIELD_KEYS_OLD = env.keys("FIELD_KEYS_OLD")  # former ones, until manage.py rotate_keys says "0 left"
HASH_KEY = env.key("HASH_KEY")  # keyed hashes for matching phones and e-mails
STORE_NAME = env.text("STORE_NAME", "青禾服饰旗舰店")
STORE_CURRENCY = env.text("STORE_CURRENCY", "CNY")
if not re.fullmatch("[A-Z]{3}", STORE_CURRENCY):
    raise ImproperlyConfigured("STORE_CURRENCY: expected three capital letters, as CNY.")
STORE_TIME_ZONE = env.zone("STORE_TIME_ZONE", "Asia/Shanghai")
CLOCK_SHIFT_SECONDS = env.number("CLOCK_SHIFT_SECONDS", 0, least=-(10**10))  # tests only: moves shopops.clock
if CLOCK_SHIFT_SECONDS and SECURE:
    raise ImproperlyConfigured("CLOCK_SHIFT_SECONDS: is for tests; a store on a public address keeps the true time.")
VAR_DIR = env.folder("SHOPOPS_VAR", BASE_DIR / "var")
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR_DIR / "media")
ERASURES_FILE = env.text("ERASURES_FILE", str(VAR_DIR / "erasures.jsonl"))  # outside the database: survives a restore

ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", [_site.hostname, *([] if SECURE else ["127.0.0.1"])])
if SECURE and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS: a public store answers to its own names only, not to '*'.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- apps, lowest floor first
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "django_htmx",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "shopops.apps.ShopOpsConfig",
    "hr_finance.apps.HrFinanceConfig",
    "products.apps.ProductsConfig",
    "visual.apps.VisualConfig",
    "customers.apps.CustomersConfig",
    "marketing.apps.MarketingConfig",
    "analytics.apps.AnalyticsConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before those that answer by themselves: files and refusals carry it too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shopops.access.middleware.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shopops.accounts.middleware.SessionLimits",
    "shopops.access.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shopops.accounts.middleware.ApiTokens",
    "allauth.account.middleware.AccountMiddleware",
    "shopops.accounts.middleware.SeeingAs",
    "shopops.access.middleware.AccessMiddleware",
    "shopops.exchange.middleware.FilesLeave",
    "shopops.ui.once.OnceMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "shopops.urls"
WSGI_APPLICATION = "shopops.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shopops.ui.shell.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["shopops.ui.templatetags.so", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- database: the owner migrates, shopops_app runs (guards bind it)
AS_OWNER = env.bool("SHOPOPS_DB_OWNER", default=False)
STATEMENT_TIMEOUT_MS = env.number("STATEMENT_TIMEOUT_MS", 0)  # the web start command sets 10,000
_connection = {
    "CONN_MAX_AGE": 600,  # seconds
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "connect_timeout": 5,
        "options": " ".join(
            f"-c {name}={value}"
            for name, value in {
                "timezone": "UTC",
                "lock_timeout": env.number("LOCK_TIMEOUT_MS", 10_000),
                "idle_in_transaction_session_timeout": env.number("IDLE_TRANSACTION_MS", 0),
                "statement_timeout": STATEMENT_TIMEOUT_MS,
                "jit": "off",
            }.items()
        ),
        "application_name": env.text("SHOPOPS_PROCESS", "shopops"),
    },
    "ATOMIC_REQUESTS": False,
}
DATABASES = {"default": env.database("DATABASE_OWNER_URL" if AS_OWNER else "DATABASE_URL") | _connection}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shopops_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- people
AUTH_USER_MODEL = "shopops.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "shopops.accounts.backends.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "shopops.accounts.passwords.NotTooLong"},
    {"NAME": "shopops.accounts.passwords.NotCommon"},
    {"NAME": "shopops.accounts.passwords.NotOfThisStore"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds a link an administrator made is good for
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "shopops.accounts.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {"change_password": "shopops.accounts.password_forms.ChangeForm"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = False  # axes is the one log-in limiter
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds; shopops.accounts.recent
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "shopops.accounts.adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "shopops.accounts.factor_forms.CodeForm",
    "reauthenticate": "shopops.accounts.factor_forms.ConfirmCodeForm",
    "activate_totp": "shopops.accounts.factor_forms.ActivateForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # staff are invited: their address is the administrator's word
MFA_TOTP_TOLERANCE = 0  # a code lives 30 seconds
MFA_RECOVERY_CODE_DIGITS = 12
MFA_RECOVERY_CODES_SHOW_ONCE = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # knocking on prolongs nothing
AXES_WHITELIST_CALLABLE = "shopops.accounts.throttle.known_device"  # paced by shopops.accounts.throttle instead
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "shopops.access.addresses.client_address"
AXES_USERNAME_CALLABLE = "shopops.accounts.adapter.axes_username"
AXES_LOCKOUT_CALLABLE = "shopops.accounts.adapter.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_NEVER_LOCKOUT_GET = True
SESSION_COOKIE_AGE = 12 * 3600  # seconds; shopops.accounts.sessions ends them so long after the log-in, used or not
SESSION_COOKIE_NAME = "__Host-session" if SECURE else f"shopops_session_{_site.port or 80}"  # two stores of one machine
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else f"shopops_csrf_{_site.port or 80}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SECURE
CSRF_FAILURE_VIEW = "shopops.access.errors.csrf_failure"

# --- answers of the web server
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_SSL_REDIRECT = SECURE and env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked from inside
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")  # whose X-Forwarded-For is believed; nobody's where empty
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576  # bytes of a form or JSON body without files
REQUEST_MAX_BYTES = env.number("REQUEST_MAX_BYTES", 2**30, least=2**20)  # of a whole request with all its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576  # bytes; larger uploads go to a file
FILE_UPLOAD_TEMP_DIR = str(VAR_DIR / "tmp") if (VAR_DIR / "tmp").is_dir() else None
FILE_UPLOAD_PERMISSIONS = 0o600
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # asks for ip_address alone; we count per name and address, so that no one locks a whole office out
    "drf_spectacular.W002",  # no schema is served yet; three views answer plain dictionaries that tests hold
    "security.W021",  # browsers' preload lists bind a domain for years: its owner decides, not a program on it
]

# --- imports: limits (rows, bytes) and how long uploads are kept (days)
IMPORT_MAX_ROWS = env.number("IMPORT_MAX_ROWS", 1_000_000, least=1)
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_BYTES", 200 * 2**20, least=1)
IMPORT_MAX_BYTES_COMMAND = env.number("IMPORT_MAX_BYTES_COMMAND", 2**30, least=1)
IMPORT_MAX_UNPACKED = env.number("IMPORT_MAX_UNPACKED", 600 * 2**20, least=1)
UPLOAD_KEEP_DAYS = env.number("UPLOAD_KEEP_DAYS", 90, least=1)
PRIVACY_DAYS = env.number("PRIVACY_DAYS", 15, least=1)  # within which a person's request is answered

# --- files brought to records (bytes, pixels)
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_BYTES", 20 * 2**20, least=1)  # of one file
ATTACHMENT_RECORD_BYTES = env.number("ATTACHMENT_RECORD_BYTES", 500 * 2**20, least=1)  # of all files of one record
ATTACHMENT_PERSON_BYTES = env.number("ATTACHMENT_PERSON_BYTES", 500 * 2**20, least=1)  # of one person in a day
ATTACHMENT_MAX_PIXELS = env.number("ATTACHMENT_MAX_PIXELS", 40_000_000, least=1)
ATTACHMENT_MAX_FRAMES = env.number("ATTACHMENT_MAX_FRAMES", 200, least=1)
ATTACHMENT_DECODE_BYTES = env.number("ATTACHMENT_DECODE_BYTES", 768 * 2**20, least=2**28)  # memory of the reader
ATTACHMENT_SCAN = env.text("ATTACHMENT_SCAN", "")  # "clamd:/path/to.sock", "clamd:host:port" or a command; off

# --- language and time
USE_TZ = True
TIME_ZONE = STORE_TIME_ZONE
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "shopops_language"
USE_THOUSAND_SEPARATOR = False

# --- static files: hashed names, compressed at set-up
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "shopops.ui.staticfiles.HashedFiles"
        if env.bool("STATIC_MANIFEST", default=True)
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_MAX_AGE = 3600  # seconds, for names without a hash

# --- workers: PostgreSQL holds the state, the broker only wakes (docs/architecture.md)
REDIS_URL = env.broker("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "products.orders.tasks.*": {"queue": "imports"},
    "analytics.reports.tasks.*": {"queue": "reports"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 50  # seconds; tasks that drive a child process set their own
CELERY_TASK_TIME_LIMIT = 60  # seconds
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2}  # seconds
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 30, least=1)  # beat's pace
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 60, least=4)  # a worker silent for so long has lost its job
PULSE_SECONDS = env.number("PULSE_SECONDS", 60, least=1)  # how often an open page asks what is new
EXPORT_FREE_ROWS = env.number(
    "EXPORT_FREE_ROWS", 10_000, least=1
)  # a file with more rows needs somebody else's consent
EXPORTS_AN_HOUR = env.number("EXPORTS_AN_HOUR", 10, least=1)  # files one person takes along within any hour
EXPORT_LINK_HOURS = env.number("EXPORT_LINK_HOURS", 24, least=1)  # how long such a file can be fetched
REPORTS_FROM = env.text("REPORTS_FROM", "")  # first automatic night, YYYY-MM-DD; empty: the set-up day
try:
    _ = REPORTS_FROM and date.fromisoformat(REPORTS_FROM)
except ValueError as error:
    raise ImproperlyConfigured("REPORTS_FROM: expected a day, YYYY-MM-DD.") from error

# --- mail and messages out
EMAIL_URL = env.text("EMAIL_URL", "")
EMAIL_BACKEND = "shopops.ops.outbox_mail.OutboxBackend"  # shown on the administrator's outbox page
if _mail_server := env.mail_server("EMAIL_URL"):
    MAIL_SERVER_BACKEND = _mail_server.pop("EMAIL_BACKEND")
    EMAIL_BACKEND = "shopops.ops.outbox_mail.GuardedBackend"  # asks whether this installation may send
    vars().update(_mail_server)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "shopops@localhost")
try:
    EmailValidator(allowlist=["localhost"])(parseaddr(DEFAULT_FROM_EMAIL)[1])
except ValidationError as error:
    raise ImproperlyConfigured("DEFAULT_FROM_EMAIL: expected name@host or Name <name@host>.") from error
SMS_BASE_URL = env.text("SMS_BASE_URL", "")
if SMS_BASE_URL and not env.address("SMS_BASE_URL", SMS_BASE_URL, ("http", "https"), "https://host").hostname:
    raise ImproperlyConfigured("SMS_BASE_URL: expected https://host.")

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "shopops.accounts.bearer.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["shopops.access.api.DeclaredAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shopops.access.parsers.StrictJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "shopops.access.api.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {"TITLE": "ShopOps", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

# --- logs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        "handlers": ["out"],
        "level": env.one_of("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    },
    "loggers": {"shopops": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
os.environ.setdefault("PYTHONUTF8", "1")
