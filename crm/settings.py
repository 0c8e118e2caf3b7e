"""The one settings file. Everything that differs between installations is read from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crm import env
from crm.api.description import SPECTACULAR_SETTINGS  # noqa: F401 -- a setting
from crm.logs import logging_config

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# production refuses what demo and test allow: see crm/checks.py
ENVIRONMENT = env.choice("ENVIRONMENT", ("production", "demo", "test"), "production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", None if PRODUCTION else "demo-and-test-only-" + "x" * 40)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
PUBLIC_URL = env.text("PUBLIC_URL", None if PRODUCTION else "http://localhost:8000").rstrip("/")

# -- Apps, in the direction crm -> scoring -> accounts -------------------------------------------------
AUTH_USER_MODEL = "users.User"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "knox",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "accounts.users",
    "accounts.customers",
    "accounts.contacts",
    "accounts.projects",
    "accounts.interactions",
    "accounts.files",
    "accounts.orders",
    "accounts.costs",
    "accounts.imports",
    "accounts.surveys",
    "accounts.actions",
    "accounts.voice",
    "accounts.needs",
    "accounts.deals",
    "accounts.playbooks",
    "accounts.reminding",
    "accounts.occasions",
    "accounts.appointments",
    "accounts.notices",
    "accounts.snoozes",
    "accounts.fields",
    "accounts.lists",
    "scoring",
    "crm",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.middleware.CountingMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.middleware.UserLocaleMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.middleware.RecentMiddleware",
    "crm.middleware.PlainStatementsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["crm.page_templates.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.views.frame.frame",
            ],
        },
    }
]

# -- Database, queue, cache ----------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", None if PRODUCTION else "postgres:///truenorth")
DATABASES: dict[str, dict[str, Any]] = {"default": {**dj_database_url.parse(DATABASE_URL)}}
DATABASES["default"] |= {"CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
DATABASES["default"].setdefault("OPTIONS", {})
# Disks without a moving head: who sees what is found through indexes, not by reading every customer.
# Keepalives: a host that is gone without a word holds its locks until the database notices, which by itself
# takes the operating system two hours; our own end notices a database that is gone as soon.
DATABASES["default"]["OPTIONS"].setdefault(
    "options",
    "-c random_page_cost=1.1 -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3 -c tcp_user_timeout=25000",
)
for _name, _value in {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}.items():
    DATABASES["default"]["OPTIONS"].setdefault(_name, _value)
# Django turns prepared statements off; this lets scoring/inputs.py ask for one, and changes nothing else.
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 5)
if env.boolean("DATABASE_POOL", default=False):
    # Web processes only: Celery gained nothing from it.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", 8),
        # While the database is away people are told so, and do not wait half a minute for it; once it is
        # back it is asked at once, and not after a pause as long as it was away.
        "timeout": 5,
        "reconnect_timeout": 3,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.integer("DATABASE_CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", None if PRODUCTION else "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.text("CACHE_PREFIX", "truenorth"),
        "KEY_FUNCTION": "crm.cache_keys.key_of",
        # A host that does not answer at all must not hold a page up for minutes.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2, "socket_keepalive": True},
    }
}
PGHISTORY_CONTEXT_FIELD_DEFAULT = "pghistory.ContextForeignKey"

# -- People who log in ---------------------------------------------------------------------------------
# auth.W004: the e-mail is unique whatever its case, by a constraint that the check cannot read.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if ENVIRONMENT == "test":
    # Every test makes people; the real hash takes a third of a second on purpose.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "crm.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "crm.forms.account.LoginForm",
    "reset_password": "crm.forms.account.ResetPasswordForm",
    "change_password": "crm.forms.account.ChangePasswordForm",
    "reset_password_from_key": "crm.forms.account.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account exists only by invitation, which proves the address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset asked for a stranger's address sends him nothing
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # through the second factor, where there is one
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "crm.adapter.LinkTokens"  # noqa: S105 -- a class
PASSWORD_RESET_TIMEOUT = int(timedelta(days=env.integer("LINK_DAYS", 3, at_least=1)).total_seconds())
ACCOUNT_RATE_LIMITS = {
    # Per address: ten wrong passwords a minute; per account, from wherever: five in five minutes.
    "login_failed": env.text("LOGIN_FAILED_RATE", "10/m/ip,5/5m/key"),
    "reset_password": "20/m/ip,3/5m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Truenorth"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # see ACCOUNT_EMAIL_VERIFICATION
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SESSION_COOKIE_SECURE = env.boolean("COOKIES_SECURE", default=PRODUCTION)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_ENGINE = "crm.sessions"

# -- Safety of pages -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = env.boolean("SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
if env.boolean("BEHIND_TLS_PROXY", default=PRODUCTION):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
UPLOAD_LIMIT_BYTES = env.integer("UPLOAD_LIMIT_MB", 512, at_least=1) * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
FILE_UPLOAD_TEMP_DIR = env.text("UPLOAD_TEMP_DIR", "") or None

# -- Language, time, money -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("COMPANY_TIME_ZONE", "UTC")
BASE_CURRENCY = env.text("BASE_CURRENCY", "CNY")

# -- Static files and uploads --------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Otherwise each of the thousands of clients that tests make would begin by looking at every file.
WHITENOISE_AUTOREFRESH = DEBUG or ENVIRONMENT == "test"

# -- Mail ----------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "crm.mail.smtp.EmailBackend" if PRODUCTION else "crm.mail.folder.EmailBackend",
)
EMAIL_FILE_PATH = env.text("EMAIL_FILE_PATH", str(BASE_DIR / "media" / "outbox"))
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Truenorth <truenorth@localhost>")
# Who asks: respondents know the supplier, and not the product that he uses.
COMPANY_NAME = env.text("COMPANY_NAME", "" if PRODUCTION else "Northlight EMS")
# Links of a client that are not known, and forms by one link, in ten minutes. All tests are one client.
SURVEY_TRIES = env.integer("SURVEY_TRIES", 1_000_000 if ENVIRONMENT == "test" else 60, at_least=1)
# How often the weekly letters that are due are looked for, and how many go to the workers at a time.
INVITE_SECONDS = env.integer("INVITE_SECONDS", 60, at_least=1)
INVITE_BATCH = env.integer("INVITE_BATCH", 200, at_least=1)
# How often the deliveries and the days of yearly surveys are looked for: hours before their letters are due.
OCCASION_SECONDS = env.integer("OCCASION_SECONDS", 600, at_least=1)
# A letter takes seconds; what a killed worker was sending is sent again after this.
LETTER_LEASE_SECONDS = env.integer("LETTER_LEASE_SECONDS", 300, at_least=1)
# Letters to the mail server in any minute, of all workers together; 0 is without a limit.
MAIL_PER_MINUTE = env.integer("MAIL_PER_MINUTE", 0, at_least=0)
# Letters that come back go to bounces+…@example.com (each letter has its own), and from there into a Maildir.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS", "")
BOUNCE_MAILDIR = env.text("BOUNCE_MAILDIR", "")

# How large one file of a customer may be, and how many days a deleted one can be brought back.
FILE_LIMIT_BYTES = env.integer("FILE_LIMIT_MB", 25, at_least=1) * 2**20
FILE_KEEP_DAYS = env.integer("FILE_KEEP_DAYS", 30, at_least=1)

# How many days after a need was raised somebody has decided about it.
NEED_TRIAGE_DAYS = env.integer("NEED_TRIAGE_DAYS", 7, at_least=1)

# -- Celery (crm/celery.py) ----------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": env.text("QUEUE_PREFIX", ""),
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
NIGHTLY_HOUR = env.integer("NIGHTLY_HOUR", 2)
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 2, at_least=1)
SHARD_CUSTOMERS = env.integer("SHARD_CUSTOMERS", 5_000, at_least=1)
# A shard takes seconds; what a killed worker held is taken up again after this.
SHARD_LEASE_SECONDS = env.integer("SHARD_LEASE_SECONDS", 30, at_least=1)

# -- REST API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # The token first: its WWW-Authenticate makes the answer to a stranger a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "crm.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsing.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["crm.api.filtering.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "crm.api.paging.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.text("API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "crm.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "ALLOWED_VERSIONS": ["1"],  # the schema view would echo any ?version= in a header
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=365),
    "TOKEN_PREFIX": "tn_",
    "AUTH_HEADER_PREFIX": "Bearer",
    "AUTO_REFRESH": False,
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # personal data
# Prometheus shows it to read /metrics; without one production has no such page.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
LOG_FORMAT = env.choice("LOG_FORMAT", ("json", "text"), "json" if PRODUCTION else "text")
LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = logging_config(json_lines=LOG_FORMAT == "json", level=LOG_LEVEL)

if PRODUCTION:
    from crm.checks import refuse_unsafe_start

    refuse_unsafe_start(
        debug=DEBUG,
        secret_key=SECRET_KEY,
        urls=(DATABASE_URL, REDIS_URL),
        cookies_secure=SESSION_COOKIE_SECURE,
        allowed_hosts=ALLOWED_HOSTS,
        public_url=PUBLIC_URL,
    )
