"""Settings of the test run: embedded, with a clock that tests move and a hasher that costs nothing."""

import os

from dispute_hub.settings import _environment as env
from dispute_hub.settings.embedded import *  # noqa: F403
from dispute_hub.settings.embedded import CELERY_BROKER_TRANSPORT_OPTIONS

HUB_TESTING = True
# Reading by age would put a query into whichever test comes first; tests call `in_force.reload`.
HUB_CLOCKS_FRESH_WITHIN = None
HUB_CLOCK_FILE = env.text("HUB_CLOCK_FILE") or None
# Names the place where the next process to pass is killed; only these settings know the word.
HUB_FAILPOINT_FILE = env.text("HUB_FAILPOINT_FILE") or None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HUB_KEYS = env.several("HUB_KEYS") or ["dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="]
# Runs share one Valkey: a nudge of one must not wake a worker of another.
_worker = env.text("PYTEST_XDIST_WORKER", "main")
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = (
    env.text("HUB_REDIS_PREFIX") or f"test-{os.getpid()}-{_worker}:"
)
