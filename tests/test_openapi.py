"""The OpenAPI document."""

from pathlib import Path

from django.core.management import call_command

from tests.fixtures.programs import ROOT


def test_committed_document_is_the_one_that_the_code_writes(tmp_path: Path) -> None:
    new = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(new), validate=True, fail_on_warn=True)
    committed = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    assert committed == new.read_text(encoding="utf-8"), "Write it anew, as CONTRIBUTING.md says."
