"""The doctor on the command line: on a site, on a production server of it, and behind real poolers."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from standins.supabase import key_file
from tests.fixtures import poolers
from tests.fixtures.poolers import pooler
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import Running, Site

pytestmark = [pytest.mark.lifecycle, needs_proc]


def test_a_running_site_is_sound(running_site: Running) -> None:
    done = running_site.site.run("doctor")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith(": 0 errors, 0 warnings.\n")


def test_a_stopped_site_is_sound_and_stays_stopped(stopped_site: Site) -> None:
    done = stopped_site.run("doctor")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert stopped_site.is_quiet()


def socket_folder(site: Site) -> str:
    """The folder of the socket of the site's PostgreSQL."""
    return site.pid_file.read_text().splitlines()[4]


def production(site: Site, **changes: str) -> dict[str, str]:
    """The variables of a production server with the database and the Supabase of a running site."""
    keys = key_file.load_or_create(site.folder / ".linguaflex")
    return {
        "LINGUAFLEX_ENV": "production",
        "DATABASE_URL": f"postgresql://postgres@/postgres?host={socket_folder(site)}",
        "SUPABASE_URL": site.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": keys.publishable_key,
        "SUPABASE_SECRET_KEY": keys.secret_key,
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "api.example.com",
        "CORS_ALLOWED_ORIGINS": "https://app.example.com",
        "TRUSTED_PROXY_COUNT": "1",
        **changes,
    }


def found(site: Site, variables: dict[str, str]) -> list[str]:
    """The ids of what the doctor finds."""
    done = site.run("doctor", "--json", **variables)
    assert done.stderr == ""
    return [each["finding"] for each in json.loads(done.stdout) if each["finding"]]


def test_a_production_server_is_sound_after_the_steps_of_the_readme(running_site: Running) -> None:
    site = running_site.site
    assert found(site, production(site)) == ["static_missing"]
    assert site.run("collectstatic", "--noinput", **production(site)).returncode == 0
    for command in (["check", "--deploy", "--fail-level", "WARNING"], ["doctor"]):
        done = site.run(*command, **production(site))
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    changes = {"CORS_ALLOWED_ORIGINS": "", "TRUSTED_PROXY_COUNT": "0"}
    assert found(site, production(site, **changes)) == ["cors_empty", "proxy_not_trusted"]


@pytest.mark.parametrize(
    ("mode", "port", "expected"),
    [
        ("session", 5432, []),
        ("transaction", 6543, []),
        ("transaction", 5432, ["pooler_transaction_mode"]),
        ("session", 6543, ["pooler_session_mode"]),
    ],
)
def test_a_pooler_on_the_port_of_the_other_mode_is_found(
    running_site: Running,
    sites_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    port: int,
    expected: list[str],
) -> None:
    site = running_site.site
    folder = sites_folder / f"pooler-{mode}-{port}"
    folder.mkdir()
    monkeypatch.setitem(poolers.PORTS, mode, port)
    with pooler(folder, socket_folder(site), mode) as running:
        variables = production(site, DATABASE_URL=running.url("postgres"))
        names: Any = set(found(site, variables)) - {"static_missing"}
    assert sorted(names) == expected
