"""README.md and VOICE_CONVERSATION_API_DOCS.md tell the truth: their examples run."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from linguaflex.local import demo
from tests.conftest import VOICE, client_of
from tests.examples import fences, run_in_one_shell, shell_examples

VOICE_DOCS = "VOICE_CONVERSATION_API_DOCS.md"
# What no two runs share: compared by its type alone.
FLEETING = {
    *("id", "user", "created_at", "updated_at", "first_conversation_at", "last_conversation_at"),
    *("current_streak_days", "longest_streak_days"),
}


@pytest.fixture
def address(clean_auth: None, supabase: Any, live_server: Any) -> str:
    """A server with the demo people."""
    demo.seed_if_empty()
    return str(live_server.url)


def same(shown: Any, got: Any, key: str = "") -> bool:
    """Whether the shown answer is the one that came, but for what no two runs share."""
    if isinstance(shown, dict) and isinstance(got, dict):
        return list(shown) == list(got) and all(same(shown[name], got[name], name) for name in shown)
    return type(shown) is type(got) if key in FLEETING else shown == got


def test_voice_examples_print_what_the_page_shows(address: str) -> None:
    examples = shell_examples(VOICE_DOCS)
    printed = run_in_one_shell(examples, address)
    assert len(examples) == len(printed) >= 11
    for example, text in zip(examples, printed, strict=True):
        if example.answer is None:
            assert text.strip() == "", example.code
        else:
            assert same(example.answer, json.loads(text)), f"{example.code}\n{text}"


def test_voice_examples_for_browsers_run_in_node(address: str) -> None:
    if not shutil.which("node"):
        pytest.skip("node is not installed: the browser examples run in it")
    token = (
        client_of()
        .post("/accounts/login/", {"email": "ana@example.com", "password": demo.PASSWORD})
        .json()["access_token"]
    )
    blocks = [text for language, text in fences(VOICE_DOCS) if language == "js"]
    names = re.findall(r"^const (\w+) = await fetch", "\n".join(blocks), re.MULTILINE)
    assert len(blocks) == len(names) >= 9
    script = f"const api = {address + '/accounts'!r}, token = {token!r};\n" + "\n".join(blocks)
    script += f"\nconsole.log(JSON.stringify([{', '.join(f'{name}.status' for name in names)}]));"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    statuses = dict(zip(names, json.loads(done.stdout), strict=True))
    assert statuses == {**dict.fromkeys(names, 200), "response": 201, "removed": 204}


def test_voice_docs_name_every_field_and_address() -> None:
    page = (Path(settings.BASE_DIR) / VOICE_DOCS).read_text()
    from accounts.filters import VoiceConversationFilters
    from accounts.models import VoiceConversation
    from accounts.serializers.voice_conversations import VoiceConversationSerializer
    from tests.routes import all_routes

    filters = VoiceConversationFilters.base_filters
    for name in [*VoiceConversationSerializer.Meta.fields, *filters, *VoiceConversation.Type.values]:
        assert f"`{name}`" in page, name
    for route in all_routes():
        if route.path.startswith(VOICE):
            path = route.path.replace("/1/", "/{id}/").replace("Spanish", "{language}")
            path = path.replace("by-type/practice", "by-type/{type}")
            assert path in page, route


def test_readme_tour_runs(address: str) -> None:
    printed = run_in_one_shell(shell_examples("README.md"), address)
    assert len(printed) == 3
    assert json.loads(printed[0])["total_conversations"] == 3
    feedback, found = halves(printed[1])
    assert json.loads(feedback)["conversation"]["ai_feedback"] == {"grammar_score": 88}
    assert [row["topic"] for row in json.loads(found)] == ["At the market"]
    profile, config = halves(printed[2])
    assert json.loads(profile)["name"] == "Me"
    assert json.loads(config)["url"] == settings.SUPABASE_URL
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from auth.users where email = 'me@example.com'")
        assert cursor.fetchone() == (1,)


def halves(text: str) -> tuple[str, str]:
    """Two JSON documents printed one after the other."""
    _, end = json.JSONDecoder().raw_decode(text)
    return text[:end], text[end:]


def test_readme_names_the_settings_that_are_read() -> None:
    root = Path(settings.BASE_DIR)
    source = (root / "linguaflex/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) - {"DEFAULT"}
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (root / "README.md").read_text(), re.MULTILINE))
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", (root / ".env.example").read_text(), re.MULTILINE))
    assert table == read | {"SUPABASE_URL"}
    assert example == table
