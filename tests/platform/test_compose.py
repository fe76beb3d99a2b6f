"""The compose file starts what exists, with what production settings ask for, and gives away no secret."""

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIRED = ("HUB_SECRET_KEY", "HUB_KEYS", "HUB_ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
OURS = ("migrate", "web", "worker", "platform", "heavy", "beat")
SECRETS = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "HUB_SECRET_KEY", "HUB_KEYS", "HUB_ALLOWED_HOSTS"}
GOOD = {
    "HUB_SECRET_KEY": "k" * 40,
    "HUB_KEYS": "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0=",
    "HUB_ALLOWED_HOSTS": "hub.example.org",
    "DATABASE_URL": "postgresql://hub:secret@localhost:5432/hub",
    "REDIS_URL": "redis://localhost:6379/0",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def start_production(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Import the production settings in a process of its own, as asgi and celery do."""
    environment = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import dispute_hub.settings.production"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


def test_production_starts_with_all_its_variables() -> None:
    assert start_production().returncode == 0, start_production().stderr


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, " "])
def test_production_names_the_missing_variable(name: str, value: str | None) -> None:
    refused = start_production(**{name: value})
    assert refused.returncode != 0
    assert name in refused.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_ALLOWED_HOSTS", "*"),
        ("HUB_ALLOWED_HOSTS", "hub.example.org,.example.org"),
        ("HUB_DEBUG", "1"),
        ("DEBUG", "true"),
        ("HUB_SECRET_KEY", "short"),
        ("DATABASE_URL", "sqlite:///hub.db"),
    ],
)
def test_production_refuses_what_opens_it(name: str, value: str) -> None:
    refused = start_production(**{name: value})
    assert refused.returncode != 0
    assert "ImproperlyConfigured" in refused.stderr


@pytest.mark.parametrize("service", OURS)
def test_each_service_has_every_required_variable(compose: dict[str, Any], service: str) -> None:
    given = compose["services"][service]["environment"]
    assert {name for name in REQUIRED if not given.get(name)} == set()
    assert given["DJANGO_SETTINGS_MODULE"] == "dispute_hub.settings.production"


@pytest.mark.parametrize("service", ["web", "worker", "platform", "heavy", "beat", "postgres", "valkey"])
def test_each_service_is_watched_restarted_and_keeps_its_files(compose: dict[str, Any], service: str) -> None:
    described = compose["services"][service]
    assert described["healthcheck"]["test"]
    assert described["restart"] == "unless-stopped"
    assert {mount.split(":")[0] for mount in described["volumes"]} <= set(compose["volumes"])


def test_commands_name_what_exists(compose: dict[str, Any]) -> None:
    services = compose["services"]
    module, _, name = services["web"]["command"][1].partition(":")
    assert (module, name) == ("dispute_hub.asgi", "application")
    for service in ("worker", "platform", "heavy", "beat"):
        command = services[service]["command"]
        assert import_module(command[command.index("-A") + 1]).app.main == "dispute_hub"
    for executable in {services[service]["command"][0] for service in ("web", "worker", "beat")}:
        assert shutil.which(executable, path=str(Path(sys.executable).parent))


def test_every_queue_has_a_worker(compose: dict[str, Any]) -> None:
    options = [
        word
        for service in ("worker", "platform", "heavy")
        for word in compose["services"][service]["command"]
    ]
    consumed = {q for word in options if word.startswith("--queues=") for q in word[9:].split(",")}
    assert consumed == set(settings.HUB_QUEUES)


def test_secrets_only_come_from_the_environment() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in SECRETS:
        assert f"${{{secret}:?}}" in text
    assert re.findall(r"^ *\w*(?:PASSWORD|SECRET_KEY|KEYS): +(?!\$\{).+", text, re.MULTILINE) == []


def test_the_database_and_the_broker_are_not_published(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if service.get("ports")] == ["web"]


def test_the_example_environment_names_every_variable_that_must_be_set() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert wanted <= named
    assert all(line.endswith("=") for line in lines if "=" in line and not line.startswith("#")), "no values"
