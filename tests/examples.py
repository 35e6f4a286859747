"""Runs the fenced examples of a Markdown page as a reader would."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRITTEN_API = "http://127.0.0.1:8000"
MARK = "\n<<end of example>>\n"
SECONDS = 60


@dataclass(frozen=True)
class Example:
    """One shell example; ``answer`` is the JSON that the page shows after it, if any."""

    code: str
    answer: Any = None


def fences(page: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block of a page at the top of the project."""
    return FENCE.findall((Path(settings.BASE_DIR) / page).read_text())


def shell_examples(page: str) -> list[Example]:
    """The bash blocks in their order, each with the JSON block that follows it."""
    found: list[Example] = []
    for language, text in fences(page):
        if language == "bash" and "pip install" not in text:
            found.append(Example(text))
        elif language == "json":
            found[-1] = Example(found[-1].code, json.loads(text))
    return found


def run_in_one_shell(examples: list[Example], address: str) -> list[str]:
    """What each example prints, run in one bash at ``address`` instead of the written one."""
    assert shutil.which("curl"), "curl is needed: apt-get install curl"
    mark = json.dumps(MARK)[1:-1]
    script = "set -e\n" + "".join(f"{one.code}\nprintf '%b' '{mark}'\n" for one in examples)
    done = subprocess.run(
        ["bash", "-c", script.replace(WRITTEN_API, address)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK)[:-1]
