"""Settings of the test run: embedded, with a clock that tests move and a hasher that costs nothing."""

from dispute_hub.settings import _environment as env
from dispute_hub.settings.embedded import *  # noqa: F403

HUB_TESTING = True
HUB_CLOCK_FILE = env.text("HUB_CLOCK_FILE") or None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HUB_KEYS = env.several("HUB_KEYS") or ["dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="]
