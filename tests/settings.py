"""The project's settings with a PostgreSQL server, stand-ins and a data folder for one test process.

Of the environment and .env, only LINGUAFLEX_POSTGRES_BIN has an effect. All data are in a temporary
folder, which is removed at the end of the process.
"""

import os
import re
import signal
from pathlib import Path

from standins.openai import server as openai_server
from standins.supabase import server as supabase_server
from tests.fixtures import data_folder

# These end a run as Ctrl-C does, so that fixtures are torn down. Under nohup, SIGHUP stays ignored.
for _number in (signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(_number) == signal.SIG_DFL:
        signal.signal(_number, signal.default_int_handler)

DATA_DIR = data_folder.make()

SUPABASE_SOCKET = supabase_server.bind(0)
OPENAI_SOCKET = openai_server.bind(0)

_example = Path(__file__).resolve().parent.parent / ".env.example"
_variables = set(re.findall(r"^# ([A-Z_]+)=", _example.read_text(), re.MULTILINE))
os.environ.update(dict.fromkeys(_variables - {"LINGUAFLEX_POSTGRES_BIN"}, ""))
os.environ["LINGUAFLEX_ENV"] = "local"
os.environ["LINGUAFLEX_DATA_DIR"] = str(DATA_DIR)
os.environ["LINGUAFLEX_SUPABASE_PORT"] = str(SUPABASE_SOCKET.getsockname()[1])

from linguaflex.settings import *  # noqa: E402, F403

DATABASES["default"]["SERVER_SETTINGS"] = {"fsync": "off"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OPENAI_API_KEY = "sk-of-the-tests"
OPENAI_BASE_URL = f"http://127.0.0.1:{OPENAI_SOCKET.getsockname()[1]}/v1"
INSTALLED_APPS.append("tests")  # noqa: F405 - for its faster ``flush``
# Every test client creates a handler, and WhiteNoise would list all static files for each.
WHITENOISE_AUTOREFRESH = True
