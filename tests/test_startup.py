"""What a worker has loaded before its first request, and what it loads only when it is needed."""

import os
import subprocess
import sys

import pytest

from tests.fixtures.environments import HOSTED, ROOT

LOADED = """
import sys
import linguaflex.wsgi
from psycopg2 import extensions
from accounts.values import speakers
from accounts.values.languages.index import index
assert "accounts.views.gigs" in sys.modules
assert index.cache_info().currsize == speakers.index.cache_info().currsize == 1
assert extensions.get_wait_callback().seconds == 8
unused = ("PIL", "httpx", "openai", "prometheus_client", "supabase")
print([name for name in unused if name in sys.modules])"""


@pytest.mark.slow
def test_a_worker_has_views_and_indexes_and_no_client_of_another_service() -> None:
    environment = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "sk-x", "ALLOWED_HOSTS": "x.org", **HOSTED}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
