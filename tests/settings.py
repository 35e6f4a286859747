"""The project's settings on a throw-away PostgreSQL and a stand-in of its own port.

Whatever the environment or .env says is not heard: tests touch nothing
but their own temporary folder, which goes with the process.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from standins.openai import server as openai_server
from standins.supabase import server as supabase_server

DATA_DIR = Path(tempfile.mkdtemp(prefix="linguaflex-tests-"))
DATA_DIR.chmod(0o755)  # as root, PostgreSQL runs as another user and has to get in
# Registered before the server's own stop, hence run after it.
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

SUPABASE_SOCKET = supabase_server.bind(0)
OPENAI_SOCKET = openai_server.bind(0)

_example = Path(__file__).resolve().parent.parent / ".env.example"
os.environ.update(dict.fromkeys(re.findall(r"^# ([A-Z_]+)=", _example.read_text(), re.MULTILINE), ""))
os.environ["LINGUAFLEX_ENV"] = "local"
os.environ["LINGUAFLEX_DATA_DIR"] = str(DATA_DIR)
os.environ["LINGUAFLEX_SUPABASE_PORT"] = str(SUPABASE_SOCKET.getsockname()[1])

from linguaflex.settings import *  # noqa: E402, F403

DATABASES["default"]["SERVER_SETTINGS"] = {"fsync": "off"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OPENAI_API_KEY = "sk-of-the-tests"
OPENAI_BASE_URL = f"http://127.0.0.1:{OPENAI_SOCKET.getsockname()[1]}/v1"
INSTALLED_APPS.append("tests")  # noqa: F405 - its ``flush`` is faster than Django's
# Each client of a test has its own handler, where WhiteNoise would read the list of all files first.
WHITENOISE_AUTOREFRESH = True
