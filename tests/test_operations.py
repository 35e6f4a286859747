"""Dockerfile, compose.yaml and nginx run the documented commands; pages for operators are complete."""

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.db import connection

from accounts.integrations.jwks import FETCH_TIMEOUT_SECONDS
from accounts.rest.parsers import MAX_FORM_BYTES
from benchmarks import scaling
from linguaflex import health_check
from tests.fixtures.deployment import gunicorn_command
from tests.fixtures.environments import HOSTED, Load
from tests.fixtures.images import context, ignore_patterns, instructions, is_left_out

ROOT = Path(__file__).resolve().parent.parent
MULTILINE = re.MULTILINE | re.DOTALL
PAGES = sorted((ROOT / "docs/operations").glob("*.md"))
DEPLOY = (ROOT / "docs/operations/DEPLOY.md").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = dict(instructions((ROOT / "Dockerfile").read_text()))  # the last instruction of each kind


def commands(pattern: str) -> list[list[str]]:
    """The documented commands that match."""
    return [shlex.split(line) for line in re.findall(rf"^{pattern}.*$", DEPLOY, re.MULTILINE)]


def test_the_image_runs_the_documented_server_on_every_address() -> None:
    documented = [part.replace("127.0.0.1", "0.0.0.0") for part in gunicorn_command()]
    assert json.loads(DOCKERFILE["CMD"]) == documented


def test_compose_runs_the_documented_workers_and_migrations() -> None:
    run = {name: service.get("command") for name, service in COMPOSE["services"].items()}
    assert [shlex.split(run["worker"]), shlex.split(run["calls"])] == commands("python manage.py db_worker")
    migrations = [shlex.split(part) for part in shlex.split(run["migrate"])[2].split(" && ")]
    assert migrations == [
        [*migrate, "--noinput"] if "migrate" in migrate else migrate
        for migrate in commands("python manage.py (?:migrate|finish_deletions)")
    ]


def test_nginx_of_compose_requests_the_application_as_documented() -> None:
    own, documented = (
        re.findall(r"^server .*$", (ROOT / f"deploy/{name}").read_text(), re.MULTILINE)
        for name in ("upstream.compose.conf", "upstream.conf")
    )
    assert own == [line.replace("127.0.0.1", "app") for line in documented]


def test_every_mounted_file_exists() -> None:
    paths = [
        volume.partition(":")[0]
        for each in COMPOSE["services"].values()
        for volume in each.get("volumes", [])
    ]
    mounted = [path for path in paths if path.startswith("./")]
    assert mounted and all((ROOT / path).exists() for path in mounted)


@pytest.mark.parametrize("name", ["migrate", "app", "worker", "calls", "nginx"])
def test_a_container_cannot_write_to_its_file_system(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]
    assert not service.keys() & {"configs", "secrets"}, "Compose copies them into the container at its start"


@pytest.mark.parametrize("name", ["migrate", "app", "worker", "calls"])
def test_a_container_of_the_application_has_no_privileges(name: str) -> None:
    service = COMPOSE["services"][name]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", DOCKERFILE["USER"])


def test_only_nginx_has_a_port_of_the_machine() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize(
    "path", [".env", ".git/config", "tests/settings.py", "standins/serving.py", "linguaflex/local/apps.py"]
)
def test_secrets_tests_and_stand_ins_stay_out_of_the_image(path: str) -> None:
    assert is_left_out(path, ignore_patterns())


def test_the_image_has_the_code_and_the_locked_requirements() -> None:
    files = set(context())
    assert {"manage.py", "accounts/urls.py", "linguaflex/wsgi.py", "requirements/base.lock.txt"} <= files
    assert "requirements/base.txt" not in files


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ("api.example.com,other.example.com", "api.example.com"),
        (".example.com", "example.com"),
        ("*", "localhost"),
    ],
)
def test_the_health_check_names_an_allowed_host(
    monkeypatch: pytest.MonkeyPatch, allowed: str, expected: str
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    assert health_check.host() == expected


@pytest.mark.django_db
def test_the_statements_of_the_pages_run() -> None:
    blocks = [
        block for page in PAGES for block in re.findall(r"^ *```sql\n(.*?)```", page.read_text(), MULTILINE)
    ]
    assert blocks
    with connection.cursor() as cursor:
        for block in blocks:
            cursor.execute(block.replace("%", "%%"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"manage\.py (\w+)", text)) <= set(get_commands())
    assert all(importlib.util.find_spec(name) for name in re.findall(r"python -m ([\w.]+)", text))
    migrations = {path.name[:4] for path in (ROOT / "accounts/migrations").glob("0*.py")}
    assert set(re.findall(r"migrate accounts (\d+)", text)) <= migrations


def test_each_alert_has_a_section_of_incidents() -> None:
    alerts = (ROOT / "docs/operations/MONITORING.md").read_text().partition("## Alerts")[2]
    names = re.findall(r"^\| ([a-z ]+) \| `", alerts, re.MULTILINE)
    assert len(names) >= 8
    incidents = (ROOT / "docs/operations/INCIDENTS.md").read_text()
    assert [name for name in names if f"| *{name}*; [" not in incidents] == []


def test_incidents_states_the_patience_with_the_address_of_the_keys() -> None:
    incidents = (ROOT / "docs/operations/INCIDENTS.md").read_text()
    assert f"jwks.json` does not answer within {FETCH_TIMEOUT_SECONDS} seconds" in incidents


def test_the_extrapolated_table_follows_from_the_measured_figures(capsys: Any) -> None:
    scaling.main()
    assert capsys.readouterr().out in (ROOT / "docs/operations/SCALING.md").read_text()


def test_the_page_lists_the_settings_that_are_read() -> None:
    source = (ROOT / "linguaflex/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) - {"DEFAULT"}
    page = (ROOT / "docs/SETTINGS.md").read_text()
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert table == read | {"SUPABASE_URL"}
    assert example == table


def test_the_page_states_the_rates_of_throttles_in_production_and_locally(load: Load) -> None:
    page = (ROOT / "docs/SETTINGS.md").read_text()
    table = re.findall(r"^\| `THROTTLE_([A-Z_]+)` \| `(\d+/\w+)`", page, re.MULTILINE)
    rates = load(**HOSTED)["REST_FRAMEWORK"]["DEFAULT_THROTTLE_RATES"]
    assert rates == {name.lower(): rate for name, rate in table}
    assert set(load()["REST_FRAMEWORK"]["DEFAULT_THROTTLE_RATES"].values()) == {"600/min"}


def test_gunicorn_listens_only_where_nginx_expects_it() -> None:
    command = gunicorn_command()
    address = command[command.index("--bind") + 1]
    assert address == "127.0.0.1:8000"
    assert f"\nserver {address} " in (ROOT / "deploy/upstream.conf").read_text()


def test_nginx_accepts_bodies_up_to_the_largest_of_the_api() -> None:
    assert f"client_max_body_size {MAX_FORM_BYTES // 1024}k;" in (ROOT / "deploy/nginx.conf").read_text()
