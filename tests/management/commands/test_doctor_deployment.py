"""What the doctor finds in production settings and files, each fault beside a sound deployment."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from accounts.doctor import deployment
from tests.fixtures.doctor import findings, sentences


@pytest.fixture
def production(settings: Any, tmp_path: Path) -> Any:
    """The settings of a sound deployment, as far as these checks read them."""
    settings.LOCAL = False
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    settings.CORS_ALLOWED_ORIGIN_REGEXES = []
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.STATIC_ROOT = None
    return settings


@pytest.fixture
def collected(production: Any, tmp_path: Path) -> Path:
    """The folder of the collected static files, which are two."""
    source = tmp_path / "source"
    (source / "admin/css").mkdir(parents=True)
    for name in ("base.css", "login.css"):
        (source / "admin/css" / name).write_text("body {}")
    production.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    production.STATICFILES_DIRS = [source]
    production.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path / "static"


def deploy_ids() -> list[str]:
    """The ids that check --deploy finds, of ours."""
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return [str(each.id) for each in found if str(each.id).startswith("accounts.")]


def test_a_sound_deployment_has_no_findings(collected: Path) -> None:
    assert len(deployment.checks()) == 3
    assert findings(deployment.checks()) == []
    assert deploy_ids() == []


def test_the_local_default_needs_none_of_these_checks() -> None:
    assert deployment.checks() == []


def test_empty_cors_origins_are_found(production: Any) -> None:
    production.CORS_ALLOWED_ORIGINS = []
    assert findings(deployment.checks()) == ["cors_empty"]
    assert deploy_ids() == ["accounts.cors_empty"]


def test_redirects_behind_a_proxy_that_is_not_trusted_are_found(production: Any) -> None:
    production.SECURE_PROXY_SSL_HEADER = None
    assert findings(deployment.checks()) == ["proxy_not_trusted"]
    assert deploy_ids() == ["accounts.proxy_not_trusted"]


def test_static_files_that_were_not_collected_are_found(collected: Path) -> None:
    (collected / "admin/css/base.css").unlink()
    assert "1 static files, such as admin/css/base.css," in sentences(deployment.checks())
    assert deploy_ids() == ["accounts.static_missing"]


def test_static_files_of_another_version_are_found(collected: Path) -> None:
    (collected / "admin/css/base.css").write_text("/* of the version before */")
    assert findings(deployment.checks()) == ["static_missing"]


def test_a_shutdown_of_a_model_is_found_by_check_deploy(production: Any) -> None:
    production.OPENAI_REALTIME_MODEL = "gpt-4o-realtime-preview"
    assert deploy_ids() == ["accounts.openai_model_shut_down"]


def test_plain_http_to_supabase_is_found_by_check_deploy(production: Any) -> None:
    production.SUPABASE_URL = "http://10.0.0.7:8000"
    assert deploy_ids() == ["accounts.address_not_encrypted"]
