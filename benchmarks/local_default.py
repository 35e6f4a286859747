"""The local default of LinguaFlex, with data in a temporary folder, for benchmarks."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path


def configure() -> None:
    """Loads the settings of the local default, even if the environment configures a hosted project."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    folder = Path(tempfile.mkdtemp(prefix="linguaflex-benchmark-"))
    folder.chmod(0o755)  # if root runs this, PostgreSQL runs as another account, which needs access
    # Exit handlers run in reverse order: PostgreSQL stops before its folder is removed.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("DATABASE_URL", "SUPABASE_URL", "LINGUAFLEX_CONFIRM_EMAIL"):
        os.environ[name] = ""
    os.environ |= {
        "LINGUAFLEX_ENV": "local",
        "LINGUAFLEX_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
    }
    import django

    django.setup()
