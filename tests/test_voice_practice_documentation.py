"""docs/VOICE_PRACTICE.md: its client is short, and that of the demo app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.documentation import CALL_MODULE, PRACTICE_BLOCKS
from tests.fixtures.programs import need, run

MAX_LINES = 80


def test_the_page_shows_the_module_of_the_demo() -> None:
    (block,) = [block for block in PRACTICE_BLOCKS if "export function practise" in block]
    module = CALL_MODULE.read_text(encoding="utf-8").rstrip("\n")
    assert block == module.replace("../api.js", "./client.js")


def test_the_client_is_short() -> None:
    lines = [line.strip() for block in PRACTICE_BLOCKS for line in block.splitlines()]
    assert len([line for line in lines if line and not line.startswith("//")]) < MAX_LINES


@pytest.mark.parametrize("number", range(len(PRACTICE_BLOCKS)))
def test_every_block_parses(number: int, tmp_path: Path) -> None:
    need("node")
    path = tmp_path / "block.mjs"
    path.write_text(PRACTICE_BLOCKS[number], encoding="utf-8")
    run("node", "", "--check", str(path))
