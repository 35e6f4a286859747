"""The links of the documentation: files and headings exist, and README.md leads to every page."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.programs import ROOT

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "standins/*.md", "clients/*/*.md")
    for page in ROOT.glob(pattern)
)
FENCE = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)")
OUTSIDE = re.compile(r"[a-z]+:")  # https:, mailto:
# Files and folders of the project in backticks: accounts/urls.py, tests/api/.
NAMED = re.compile(r"`((?:accounts|linguaflex|standins|tests|docs|benchmarks|requirements|deploy)/[\w./-]*)`")


def prose(page: Path) -> str:
    """The text of a page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    repeated: Counter[str] = Counter()
    for heading in re.findall(r"^#+ (.+?)$", prose(page), re.MULTILINE):
        visible = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", visible.strip().lower()).replace(" ", "-")
        found.add(f"{anchor}-{repeated[anchor]}" if repeated[anchor] else anchor)
        repeated[anchor] += 1
    return found


def targets(page: Path) -> Iterator[tuple[Path, str]]:
    """The file and the anchor, or "", of each link within the project."""
    for link in LINK.findall(prose(page)):
        if not OUTSIDE.match(link):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = [
        f"{path.name}#{anchor}"
        for path, anchor in targets(page)
        if not path.exists() or (anchor and anchor not in anchors(path))
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_exist(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert sorted(name for name in set(named) if not (ROOT / name).exists()) == []


def test_the_readme_leads_to_every_page() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += [path for path, _ in targets(page) if path in PAGES and path not in reached]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []
