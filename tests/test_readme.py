"""The README's tour runs, its table lists every setting, nginx fits its gunicorn, and named files exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.rest.parsers import MAX_FORM_BYTES
from tests.fixtures.deployment import gunicorn_command

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README_ADDRESS = "http://127.0.0.1:8000"
MARK = "<<end of block>>"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("standins/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
# Files and folders of the project in backticks: accounts/urls.py, tests/api/.
NAMED = re.compile(r"`((?:accounts|linguaflex|standins|tests|docs|benchmarks|requirements|deploy)/[\w./-]*)`")


@pytest.mark.django_db(transaction=True)
def test_readme_tour_runs(demo_url: str) -> None:
    blocks = [block for block in BLOCK.findall(README) if "curl" in block]
    first, second, third, again = (
        documents(text) for text in run_in_one_shell([*blocks, blocks[-1]], demo_url)
    )
    assert first[0]["total_conversations"] == 3
    feedback, found = second
    assert feedback["conversation"]["ai_feedback"] == {"grammar_score": 88}
    assert [row["topic"] for row in found] == ["At the market"]
    registered, profile, teachers, gigs, config = third
    assert registered["user"]["name"] == profile["name"] == "Me"
    assert [teacher["name"] for teacher in teachers] == ["Lucía Fernández"]
    assert {gig["title"] for gig in gigs} == {"Parler au restaurant"}
    assert config["url"] == settings.SUPABASE_URL
    assert again[0]["code"] == "user_already_exists" and again[1:] == third[1:]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from auth.users where email = 'me@example.com'")
        assert cursor.fetchone() == (1,)


def run_in_one_shell(blocks: list[str], address: str) -> list[str]:
    """The output of each block, all run in one bash against ``address``."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    script = "set -e\n" + "".join(f"{block}\necho -n '{MARK}'\n" for block in blocks)
    command = ["bash", "-c", script.replace(README_ADDRESS, address)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK)[:-1]


def documents(text: str) -> list[Any]:
    """The JSON documents of the output, one a line."""
    return [json.loads(line) for line in text.splitlines() if line]


def test_readme_names_the_settings_that_are_read() -> None:
    source = (ROOT / "linguaflex/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) - {"DEFAULT"}
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert table == read | {"SUPABASE_URL"}
    assert example == table


def test_gunicorn_listens_only_where_nginx_expects_it() -> None:
    command = gunicorn_command()
    address = command[command.index("--bind") + 1]
    assert address == "127.0.0.1:8000"
    assert f"\nserver {address} " in (ROOT / "deploy/upstream.conf").read_text()


def test_nginx_accepts_bodies_up_to_the_largest_of_the_api() -> None:
    assert f"client_max_body_size {MAX_FORM_BYTES // 1024}k;" in (ROOT / "deploy/nginx.conf").read_text()


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_documents_name_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = {page.parent / link for link in LINK.findall(text) if "://" not in link}
    named = {ROOT / name for name in NAMED.findall(text)}
    missing = sorted(str(path) for path in linked | named if not path.exists())
    assert missing == []
