"""Default of manage.py: the servers that came with the packages, on this machine only."""

from dispute_hub.embedded import addresses, own_secret
from dispute_hub.settings import _environment as env
from dispute_hub.settings.base import *  # noqa: F403
from dispute_hub.settings.base import HUB_DATA_DIR
from dispute_hub.settings.streams import *  # noqa: F403

HUB_EMBEDDED = True
HUB_LOOPBACK_PLATFORMS = True
DEBUG = env.flag("HUB_DEBUG")
SECRET_KEY = env.text("HUB_SECRET_KEY") or own_secret(HUB_DATA_DIR, "secret_key")
ALLOWED_HOSTS = env.several("HUB_ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.several("HUB_TRUSTED_ORIGINS")

_addresses = addresses(HUB_DATA_DIR)
DATABASES = {"default": env.database(_addresses.database_url)}
REDIS_URL = _addresses.redis_url
CELERY_BROKER_URL = REDIS_URL

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # type: ignore[assignment]  # files are served from where they lie; nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
