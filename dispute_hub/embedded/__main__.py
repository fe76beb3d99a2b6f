"""`python -m dispute_hub.embedded`: what `make run` does after the set-up."""

import os
import sys

from dispute_hub.embedded.lease import NotStarted

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.embedded")

if __name__ == "__main__":
    from dispute_hub.embedded.run import Run

    try:
        Run().run()
    except NotStarted as error:
        sys.exit(f"\n错误：{error}\n")
