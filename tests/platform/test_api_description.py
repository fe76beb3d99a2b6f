"""The API describes itself, from this server alone."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_schema_is_openapi(client: Client) -> None:
    answer = client.get("/api/v1/schema/", headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_the_page_asks_no_other_host_and_carries_no_script_of_its_own(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page) == []
    assert re.findall(r"<script(?![^>]*src=)|<style", page) == []


def test_its_script_is_served_as_script(client: Client) -> None:
    answer = client.get("/api/v1/docs/?script=")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/javascript")
