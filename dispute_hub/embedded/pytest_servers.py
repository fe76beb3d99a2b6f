"""Loaded by pytest before Django: the servers are up before anything asks for a database."""

import os
from collections.abc import Generator

import pytest

from dispute_hub.embedded.lease import NotStarted, ensure_up, release


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.testing")
    try:
        ensure_up()
    except NotStarted as error:
        raise pytest.UsageError(str(error)) from error
    return (yield)


def pytest_unconfigure() -> None:
    release()
