"""The search for secrets in the history: .ci/secrets.py."""

import runpy
from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.programs import ROOT

Findings = Callable[[set[str]], Iterator[str]]


@pytest.fixture(scope="module")
def findings() -> Findings:
    pytest.importorskip("detect_secrets", reason="detect-secrets is not installed (requirements/dev.txt)")
    found: Findings = runpy.run_path(str(ROOT / ".ci/secrets.py"))["findings"]
    return found


@pytest.mark.parametrize(
    "parts",  # joined here, so that this file is not found itself
    [
        ("AKIA", "2E0A8F3B244C9986"),
        ("ghp", "_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"),
        ("sk_live", "_9aJ2kLmN4pQrS6tUvWxYz0aB"),
        ("sb_secret", "_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"),
        ("postgresql://", "postgres:Tr0ub4dor@db.abcd.supabase.co/postgres"),
        ("-----BEGIN ", "PRIVATE KEY-----"),
    ],
)
def test_a_key_is_found(findings: Findings, parts: tuple[str, str]) -> None:
    assert list(findings({f"key = '{''.join(parts)}'"}))


def test_documented_examples_are_no_secrets(findings: Findings) -> None:
    lines = {
        "DATABASE_URL=postgresql://postgres:password@db.abcd.supabase.co:5432/postgres",
        '"access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",',
    }
    assert list(findings(lines)) == []
