"""Addresses of the stand-ins in answers for browsers on other machines."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

ROOT = Path(__file__).parents[2]
ADDRESS_MIDDLEWARE = "linguaflex.local.network.AddressMiddleware"
PRINT_MIDDLEWARE = "from django.conf import settings; print(*settings.MIDDLEWARE)"


@pytest.fixture(scope="module")
def in_network() -> list[str]:
    """The middleware of a site with LINGUAFLEX_HOST=0.0.0.0."""
    environment = os.environ | {"LINGUAFLEX_HOST": "0.0.0.0", "DJANGO_SETTINGS_MODULE": "linguaflex.settings"}
    command = [sys.executable, "-c", PRINT_MIDDLEWARE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("host", ["10.1.1.1", "192.168.100.100"])
def test_an_answer_has_the_length_of_the_rewritten_body(
    in_network: list[str], host: str, settings: Any
) -> None:
    assert ADDRESS_MIDDLEWARE in in_network
    settings.MIDDLEWARE, settings.ALLOWED_HOSTS = in_network, [host]
    settings.SUPABASE_URL = "http://127.0.0.1:54321"
    answer = Client(headers={"Host": host}).get("/accounts/supabase/config/")
    assert answer.json()["url"] == f"http://{host}:54321"
    assert int(answer["Content-Length"]) == len(answer.content)
