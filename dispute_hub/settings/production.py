"""Default of asgi and celery: refuses to start on a missing variable, a wildcard host or debugging."""

from django.core.exceptions import ImproperlyConfigured

from dispute_hub.settings import _environment as env
from dispute_hub.settings.base import *  # noqa: F403
from dispute_hub.settings.streams import *  # noqa: F403

REQUIRED = ("HUB_SECRET_KEY", "HUB_KEYS", "HUB_ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
env.refuse_if_missing(REQUIRED)

SECRET_KEY = env.text("HUB_SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("HUB_SECRET_KEY 至少 32 个字符 (needs 32 characters or more)")
if env.flag("HUB_DEBUG") or env.flag("DEBUG"):
    raise ImproperlyConfigured("生产环境不得开启调试 (DEBUG is refused in production settings)")
ALLOWED_HOSTS = env.several("HUB_ALLOWED_HOSTS")
if any(host.startswith(("*", ".")) for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("HUB_ALLOWED_HOSTS 不得使用通配符 (wildcard hosts are refused)")
CSRF_TRUSTED_ORIGINS = env.several("HUB_TRUSTED_ORIGINS")

DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL

# A closed network may have no certificate yet; only an explicit word turns the protection off.
_https = not env.flag("HUB_ALLOW_HTTP")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-hub_session" if _https else "hub_session"
CSRF_COOKIE_NAME = "__Host-hub_csrf" if _https else "hub_csrf"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
if env.flag("HUB_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
