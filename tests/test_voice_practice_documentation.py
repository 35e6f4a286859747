"""docs/VOICE_PRACTICE.md: its client runs, and its JSON has the API's keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.documentation import PRACTICE_BLOCKS, PRACTICE_PAGE, SERVER, TURNS_MODULE
from tests.fixtures.programs import need, need_supabase_js, run, run_node

SCENARIO = """
const practice = { topic: "At the market", target_language: "Spanish", native_language: "English",
  conversation_type: "conversation", level: "A2" };
const until = async (condition) => { while (!condition()) await pause(20); };
const person = await signIn("ana@example.com", PASSWORD);
const other = await signIn("kenji@example.com", PASSWORD); // in the same browser
let wake; const told = new Promise((done) => { wake = done; });
listen(person, wake);
const lose = () => { throw new Error("lost"); };
const errors = [];
const note = (hear) => (event) => { if (event.type === "error") errors.push(event.error.code); hear(event); };
const dropped = record(person, practice);
const before = await openSocket(person, practice, note(dropped.hear), lose);
before.say("quiero dos kilos"); // while the tutor greets
before.say("y pan");
const answers = ({ events }) => events.filter(({ type }) => type === "response.done").length;
await until(() => answers(dropped) === 2);
await pause(500);
before.close();
const recorded = record(person, dropped.draft, dropped.draft.transcription.messages);
const line = await openSocket(person, practice, note(recorded.hear), lose);
await until(() => answers(recorded) === 1);
const meanwhile = unsaved(person);
storageIsFull = true;
line.say("y leche");
await until(() => answers(recorded) === 2);
const full = recorded.stored;
storageIsFull = false;
line.say("nada más");
await until(() => answers(recorded) === 3);
await end(line, recorded);
const [draft] = unsaved(person), others = unsaved(other);
const first = await save(person, draft), again = await save(person, draft);
const judged = await feedback(person, first.id, told);
const session = await call(person, "POST", "session/", practice);
const progress = await call(person, "GET", "progress/?interval=week");
const queued = await call(person, "POST", `${first.id}/generate_feedback/`);
const event = { conversation: await told, feedback_status: "done" };
await other.supabase.auth.signOut({ scope: "local" });
const refused = await Promise.race([persist(other, "GET", "").catch((error) => error), pause(2000)]);
const kept = { full, stored: recorded.stored, left: unsaved(person), meanwhile, others };
const rest = { ...kept, signedOut: refused?.status, errors, answers: answers(dropped) };
console.log(JSON.stringify({ first, again, judged, session, progress, queued, event, ...rest }));
process.exit(0);
"""
BROWSER = """
import WebSocket from "ws";
globalThis.WebSocket = WebSocket; // Node has one of its own from version 22 on
let storageIsFull = false;
globalThis.localStorage = Object.create({
  setItem(key, value) {
    if (storageIsFull) throw new DOMException("The quota is exceeded.", "QuotaExceededError");
    this[key] = value;
  },
  getItem(key) { return this[key]; },
  removeItem(key) { delete this[key]; },
});
"""


def test_the_page_shows_the_module_of_the_demo() -> None:
    (block,) = [block for block in PRACTICE_BLOCKS if "export function turnsOf" in block]
    assert block == TURNS_MODULE.read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("number", range(len(PRACTICE_BLOCKS)))
def test_every_block_parses(number: int, tmp_path: Path) -> None:
    need("node")
    path = tmp_path / "block.mjs"
    path.write_text(PRACTICE_BLOCKS[number], encoding="utf-8")
    run("node", "", "--check", str(path))


def shown() -> dict[str, Any]:
    """The page's JSON examples by name."""
    found = re.findall(r"^<!-- (.*?) -->\n```json\n(.*?)\n```$", PRACTICE_PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == PRACTICE_PAGE.count("```json")
    return {name: json.loads(block) for name, block in found}


def keys_of(value: Any) -> Any:
    """The nested keys of a JSON value; of a list, those of its first element."""
    if isinstance(value, dict):
        return {key: keys_of(each) for key, each in value.items()}
    return [keys_of(each) for each in value[:1]] if isinstance(value, list) else None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_documented_client_saves_a_practice_and_gets_feedback(
    demo_url: str, simulator: Any, worker: None
) -> None:
    need_supabase_js()
    script = "\n".join(PRACTICE_BLOCKS).replace(SERVER, demo_url)
    # The module turns.js is one of the blocks.
    script = script.replace('import { outstanding, turnsOf } from "./turns.js";', "")
    found = json.loads(run_node(f"{BROWSER}\n{script}\nconst PASSWORD = '{demo.PASSWORD}';\n{SCENARIO}"))
    said = found["first"]["transcription"]["messages"]
    # The greeting, two sentences with one answer; then the second greeting, two sentences, two answers.
    assert sorted(turn["role"] for turn in said) == ["assistant"] * 5 + ["user"] * 4
    assert "y pan" in said[3]["text"]
    spoken = ["quiero dos kilos", "y pan", "y leche", "nada más"]
    assert [turn["text"] for turn in said if turn["role"] == "user"] == spoken
    assert (found["full"], found["stored"], found["signedOut"]) == (False, True, 401)
    assert (found["errors"], found["answers"]) == ([], 2)
    assert found["again"]["id"] == found["first"]["id"]
    assert found["judged"]["feedback_status"] == "done"
    assert found["judged"]["generated_feedback"]["corrections"][0]["quote"] == "quiero dos kilos"
    assert (found["meanwhile"], found["others"]) == ([], [])
    assert found["left"] == []  # both connections are one conversation
    page = shown()
    assert found["queued"] == page["generate_feedback/"]
    assert found["event"].keys() == page["feedback"].keys()
    assert keys_of(found["judged"]["generated_feedback"]) == keys_of(page["generated_feedback"])
    assert keys_of(found["progress"]) == keys_of(page["progress/"])
    assert found["session"].keys() == page["session/"].keys()
    assert page["session/"]["session"].items() <= found["session"]["session"].items()
