"""docs/TOUR.md: its blocks run."""

import json
import re
import subprocess
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.fixtures.documentation import SERVER
from tests.fixtures.programs import ROOT, need

TOUR = (ROOT / "docs/TOUR.md").read_text()
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "<<end of block>>"


@pytest.mark.django_db(transaction=True)
def test_the_tour_runs(demo_url: str) -> None:
    blocks = [block for block in BLOCK.findall(TOUR) if "curl" in block]
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
    need("curl")
    script = "set -e\n" + "".join(f"{block}\necho -n '{MARK}'\n" for block in blocks)
    command = ["bash", "-c", script.replace(SERVER, address)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK)[:-1]


def documents(text: str) -> list[Any]:
    """The JSON documents of the output, one a line."""
    return [json.loads(line) for line in text.splitlines() if line]
