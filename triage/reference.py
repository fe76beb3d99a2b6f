"""Reference data of triage, for `manage.py load_reference`."""

from datetime import datetime

from triage import services


def load(*, at: datetime) -> None:
    """The list of matters and rule set version 1."""
    services.load_reference(at)
