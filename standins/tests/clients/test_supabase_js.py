"""The unmodified supabase-js under Node against the stand-in (``supabase_js/scenarios.mjs``)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.tests.fixtures.auth import AuthApi
from standins.tests.fixtures.storage import StorageApi

FOLDER = Path(__file__).parent / "supabase_js"
NODE = shutil.which("node")
INSTALL = "npm install --prefix standins/tests/clients/supabase_js"
SCENARIOS = (
    *("whole_session", "errors", "admin", "rotation", "sign_out_scopes", "recovery"),
    *("confirmation", "claims", "pkce", "anonymous", "generated_links"),
    *("confirmation", "claims", "files", "buckets", "own_files"),
)

pytestmark = [
    pytest.mark.usefixtures("no_accounts"),
    pytest.mark.skipif(NODE is None, reason="Node is not installed (version 20 or newer)"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "@supabase" / "supabase-js").is_dir(),
        reason=f"supabase-js is not installed: run `{INSTALL}`",
    ),
]


@pytest.fixture
def own_folders(auth: AuthApi) -> Iterator[None]:
    """Everybody has the folder of the own id."""
    with StorageApi(auth).policy("objects", "using ((storage.foldername(name))[1] = auth.uid()::text)"):
        yield


@pytest.mark.usefixtures("own_folders")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_supabase_js(auth: AuthApi, confirming_auth: AuthApi, scenario: str) -> None:
    environment = os.environ | {
        "SUPABASE_URL": auth.url,
        "CONFIRMING_URL": confirming_auth.url,
        "PUBLISHABLE_KEY": auth.keys.publishable_key,
        "SECRET_KEY": auth.keys.secret_key,
    }
    assert NODE is not None
    command = [NODE, "--no-deprecation", "scenarios.mjs", scenario]
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
