"""The memory of the documented gunicorn after one learner's lists and export of 288 MB."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fixtures.deployment import Deployment
from tests.fixtures.people import CONVERSATION, VOICE
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import PATIENCE, Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
COUNT, SIZE = 120, 2_400_000
ID = re.compile(rb'\{"id":(\d+),"user":')
PAGE_BYTES, LIST_BYTES = 4_000_000, 20_000_000
MOST = 250_000  # KB of a worker
COLUMNS = (
    "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
    " where table_name = 'accounts_voiceconversation' and is_generated = 'NEVER'"
    " and column_name not in ('id', 'client_id', 'session_id')"
)
COPY = (
    "insert into accounts_voiceconversation ({0}) select {0} from accounts_voiceconversation"
    " cross join generate_series(2, %s) where id = %s"
)


@pytest.fixture
def server(running_site: Running, sites_folder: Path) -> Iterator[Deployment]:
    """gunicorn beside the running site."""
    folder = sites_folder / "memory"
    folder.mkdir()
    deployment = Deployment.of(running_site.site, folder)
    with deployment.gunicorn():
        yield deployment


@pytest.fixture
def learner(running_site: Running, server: Deployment) -> Iterator[requests.Session]:
    """A learner with COUNT conversations of SIZE bytes, beside those of the demo data."""
    with requests.Session() as learner:
        token = running_site.sign_in("ana@example.com")["access_token"]
        learner.headers["Authorization"] = f"Bearer {token}"
        body = {**CONVERSATION, "transcription": {"full_text": ("Hola. " * SIZE)[:SIZE]}}
        saved = learner.post(f"http://127.0.0.1:{server.app_port}{VOICE}", json=body, timeout=PATIENCE)
        assert saved.status_code == 201
        with (
            contextlib.closing(server.site.connect()) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(COLUMNS)
            cursor.execute(COPY.format(cursor.fetchone()[0]), [COUNT, saved.json()["id"]])
        yield learner


def peak(server: Deployment) -> int:
    """The largest peak of the resident memory of a process of gunicorn, in KB."""
    pids = [pid for pid, line in server.site.processes().items() if "gunicorn" in line]
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return max(int(re.findall(r"VmHWM:\s*(\d+) kB", text)[0]) for text in texts)


def answers(learner: requests.Session, url: str) -> Iterator[tuple[list[int], int]]:
    """The ids and the bytes of each page."""
    while url:
        answer = learner.get(url, timeout=PATIENCE)
        assert answer.status_code == 200
        yield [int(pk) for pk in ID.findall(answer.content)], len(answer.content)
        url = answer.links.get("next", {}).get("url", "")


def test_lists_and_export_of_much_data_take_little_memory(
    server: Deployment, learner: requests.Session
) -> None:
    url = f"http://127.0.0.1:{server.app_port}{VOICE}"
    print(f"\nat first: {peak(server) / 1000:.0f} MB")

    pages = list(answers(learner, f"{url}?limit=200"))
    ids = [pk for page, _ in pages for pk in page]
    assert len(ids) == len(set(ids)) >= COUNT
    assert ids == [row["id"] for row in learner.get(f"{url}?fields=id", timeout=PATIENCE).json()]
    largest = max(size for _, size in pages)
    assert largest <= PAGE_BYTES
    print(f"{len(pages)} pages of up to {largest:,} bytes: {peak(server) / 1000:.0f} MB")

    whole, size = next(answers(learner, url))
    assert whole == ids[: len(whole)]
    assert LIST_BYTES - SIZE < size <= LIST_BYTES
    print(f"the list without limit, {size:,} bytes: {peak(server) / 1000:.0f} MB")

    exported = 0
    address = f"http://127.0.0.1:{server.app_port}/accounts/users/me/export/"
    with learner.get(address, timeout=PATIENCE, stream=True) as answer:
        assert answer.status_code == 200
        for part in answer.iter_content(100_000):
            exported += len(part)
    assert exported > COUNT * SIZE and part.endswith(b"}")
    print(f"the export, {exported:,} bytes: {peak(server) / 1000:.0f} MB")
    assert peak(server) < MOST
