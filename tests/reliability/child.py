"""`python -m tests.reliability.child web|worker|beat …`: one process of the product, as `make run` starts it.

`HUB_SABOTAGE` takes a protection away first, so that a test can show that it would notice.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.testing")


def main() -> None:
    what, *arguments = sys.argv[1:]
    import django

    django.setup()
    from tests.reliability import sabotage

    sabotage.commit(os.environ.get("HUB_SABOTAGE", ""))
    if what == "web":
        import uvicorn

        (port,) = arguments
        uvicorn.run("dispute_hub.asgi:application", port=int(port), access_log=False, log_level="warning")
    else:
        from celery.__main__ import main as celery

        sys.argv = ["celery", "-A", "dispute_hub.celery", "--quiet", what, *arguments]
        celery()


if __name__ == "__main__":
    main()
