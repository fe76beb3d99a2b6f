"""What embedded and production settings share. Neither a default secret nor a server address lives here."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF

from dispute_hub.settings import _environment as env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HUB_DATA_DIR = Path(env.text("HUB_DATA_DIR") or BASE_DIR / ".data").resolve()
HUB_KEYS = env.several("HUB_KEYS")
HUB_CLOCK_FILE: str | None = None  # only test settings may move the clock
HUB_EMBEDDED = False
HUB_LOOPBACK_PLATFORMS = False  # a platform on this machine: the simulator of demo and tests only

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "dispute_hub.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "dispute_hub.common",
    "dispute_hub.audit",
    "dispute_hub.accounts",
    "dispute_hub.outbox",
    "dispute_hub.cases",
    "intake",
    "triage",
    "routing",
    "mediation",
    "followup",
    "reports",
    "dispute_hub.demo",
]

MIDDLEWARE = [
    "dispute_hub.common.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "dispute_hub.common.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "dispute_hub.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dispute_hub.common.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dispute_hub.accounts.context.frame",
                "reports.menu.frame",
            ],
        },
    }
]

# --- time and language -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # our own audit trail has it, sealed
AXES_LOCKOUT_CALLABLE = "dispute_hub.accounts.entry.lockout_answer"
HUB_ON_REFUSAL = "dispute_hub.accounts.doors.note_refusal"
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]

# --- browser -----------------------------------------------------------------------------------
# Sessions live in the database: losing the broker must log nobody out (reliability, 5.8).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "dispute_hub.common.answers.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("HUB_STATIC_ROOT") or BASE_DIR / "staticfiles")
MEDIA_ROOT = HUB_DATA_DIR / "media"
# Front-end packages are served from where npm put them; a missing folder only loses its files.
VENDOR_STATIC = {
    "vendor/htmx": "htmx.org/dist",
    "vendor/tabler": "@tabler/core/dist",
    "vendor/tabler-icons": "@tabler/icons-webfont/dist",
    "vendor/echarts": "echarts/dist",
    "vendor/tom-select": "tom-select/dist",
}
STATICFILES_DIRS: list[Any] = [BASE_DIR / "dispute_hub" / "static"] + [
    (prefix, BASE_DIR / "node_modules" / folder)
    for prefix, folder in VENDOR_STATIC.items()
    if (BASE_DIR / "node_modules" / folder).is_dir()
]
SILENCED_SYSTEM_CHECKS = [
    "staticfiles.W004",  # a fresh clone has no front-end packages yet
    "axes.W006",  # a whole station sits behind one address: locking it would lock out the shift
]

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["dispute_hub.common.json_guard.GuardedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dispute_hub.accounts.authentication.TokenAuthentication",
        "dispute_hub.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["dispute_hub.accounts.doors.DenyUnlessDeclared"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "dispute_hub.common.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "矛盾纠纷警情三推平台接口",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Described for integrators before they hold a key; the description carries no data.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # From our own static files: nothing is fetched from outside at run time.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- queue (reliability, 5.3): the broker carries nudges, never facts ---------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# One second is all a web request may lose to a broker that accepts and never answers (M14).
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": env.text("HUB_REDIS_PREFIX", "hub:"),
    "queue_order_strategy": "priority",
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "default"
# An import of 100 000 rows or a report never stands before an alert's delivery (reliability, 5.2).
CELERY_TASK_ROUTES = {
    # Platforms are slow and far: their sends never stand before a notice of our own.
    "dispute_hub.outbox.tasks.drain": {"queue": "platform"},
    "dispute_hub.outbox.tasks.*": {"queue": "deliver"},
    "intake.tasks.import_*": {"queue": "heavy"},
    "triage.tasks.replay*": {"queue": "heavy"},
    "dispute_hub.cases.tasks.recount": {"queue": "heavy"},
    "reports.tasks.*": {"queue": "heavy"},
}
HUB_QUEUES = ["default", "deliver", "platform", "heavy"]
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "outbox.sweep": {"task": "dispute_hub.outbox.tasks.sweep", "schedule": 15.0},
    "outbox.watch_platforms": {"task": "dispute_hub.outbox.tasks.watch_platforms", "schedule": 60.0},
    "cases.sweep_deadlines": {"task": "dispute_hub.cases.tasks.sweep_deadlines", "schedule": 15.0},
    "cases.warn_of_missing_table": {
        "task": "dispute_hub.cases.tasks.warn_of_missing_table",
        "schedule": crontab(minute="40"),
    },
    "intake.import_pending": {"task": "intake.tasks.import_pending", "schedule": 15.0},
    "triage.revive_replays": {"task": "triage.tasks.revive_replays", "schedule": 60.0},
    "followup.mark_missed": {"task": "followup.tasks.mark_missed", "schedule": 60.0},
    "audit.seal": {"task": "dispute_hub.audit.tasks.seal", "schedule": 10.0},
    "canary": {"task": "dispute_hub.tasks.send_canaries", "schedule": 30.0},
    # On the clock's fives: 08:00 is one of them, and a missed morning is found soon after.
    "routing.issue_sheets": {"task": "routing.tasks.issue_sheets", "schedule": crontab(minute="*/5")},
    "routing.return_unaccepted_diversions": {
        "task": "routing.tasks.return_unaccepted_diversions",
        "schedule": 60.0,
    },
    "reports.count_dirty": {"task": "reports.tasks.count_dirty", "schedule": 60.0},
    "reports.recount": {
        "task": "reports.tasks.recount",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 3600},
    },
    "mediation.lapse_confirmations": {
        "task": "mediation.tasks.lapse_confirmations",
        "schedule": crontab(minute="20"),
    },
    "mediation.clear_orphan_files": {
        "task": "mediation.tasks.clear_orphan_files",
        "schedule": crontab(hour="4", minute="40"),
    },
    "sessions.clear": {
        "task": "dispute_hub.tasks.clear_sessions",
        "schedule": crontab(hour="4", minute="20"),
    },
}
# A nudge that waited longer than the next sweep has nothing left to say.
for _entry in CELERY_BEAT_SCHEDULE.values():
    _entry.setdefault("options", {"expires": 30})

# --- size of one machine: threads × processes + workers <= 80 % of max_connections ---------------
HUB_WEB_PROCESSES = env.number("HUB_WEB_PROCESSES", 1)
HUB_WEB_THREADS = env.number("HUB_WEB_THREADS", 8)
HUB_WORKER_PROCESSES = env.number("HUB_WORKER_PROCESSES", 2)

# --- logs --------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dispute_hub.common.logging.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("HUB_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
