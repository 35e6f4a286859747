"""The local runserver: one command, and the whole system runs.

The outer process owns PostgreSQL and the stand-in; the reloader's child is Django alone, so that
a reload touches neither.
"""

import atexit
import errno
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands import runserver
from django.core.servers.basehttp import WSGIServer
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from linguaflex.local import demo, services
from linguaflex.local.worker import WorkerThread
from standins import serving
from standins.openai import server as openai_server
from standins.supabase import server as supabase_server

STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
OUTER_PROCESS = "LINGUAFLEX_RUNSERVER_PID"  # set by the outer process for its children


class Server(WSGIServer):
    """Django's server without Nagle's algorithm (RFC 896).

    It writes an answer piece by piece: on a kept connection, the second piece would wait some
    40 ms for the client's delayed acknowledgement of the first.
    """

    def get_request(self) -> tuple[socket.socket, Any]:
        """The next connection."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return connection, address


class Command(runserver.Command):
    running: list[serving.Served] = []  # beside Django, in the outer process

    addr: str
    port: str
    use_ipv6: bool
    server_cls = Server
    help = "Starts LinguaFlex on this machine: database, accounts, demo data, API."

    def run(self, **options: Any) -> None:
        """Starts what is around Django, once, and then Django."""
        if os.environ.get(DJANGO_AUTORELOAD_ENV) == "true":
            outer = int(os.environ[OUTER_PROCESS])
            threading.Thread(target=end_with_parent, args=(outer,), daemon=True).start()
        else:
            os.environ[OUTER_PROCESS] = str(os.getpid())
            end_in_order()
            self.start_services()
        try:
            super().run(**options)
        finally:
            self.stop_services()

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serves, with background jobs beside it, in the process that a reload replaces."""
        worker = WorkerThread()
        worker.start()
        try:
            super().inner_run(*args, **options)
        finally:
            worker.stop()

    def start_services(self) -> None:
        """Takes the ports first, so that a taken one leaves nothing half started."""
        self.refuse_taken_port()
        try:
            if settings.SUPABASE_STAND_IN:
                listener = supabase_server.bind(settings.LINGUAFLEX_SUPABASE_PORT)
            if settings.OPENAI_SIMULATOR:
                self.serve(openai_server.simulator(), openai_server.bind(settings.LINGUAFLEX_OPENAI_PORT))
        except serving.PortTaken as error:
            raise CommandError(str(error)) from None
        services.prepare_database()
        if settings.SUPABASE_STAND_IN:
            new = demo.seed_if_empty()
            self.serve(services.stand_in(), listener)
            if new:
                demo.add_pictures()
        call_command("finish_deletions")
        atexit.register(ignore_stop_signals)  # runs first, as it is registered last
        self.stdout.write(self.banner())
        self.stdout.flush()  # a log file or a pipe would keep it until the end

    def serve(self, served: serving.Served, listener: socket.socket) -> None:
        """Begins a service that ends with this process."""
        served.start(listener)
        self.running.append(served)

    def stop_services(self) -> None:
        """Ends what this process has begun.

        Not at the interpreter's exit, where no thread can be had any more; and before PostgreSQL goes,
        whose end Realtime would take for a crash.
        """
        if self.running:
            ignore_stop_signals()
        for served in self.running:
            served.stop()

    def refuse_taken_port(self) -> None:
        """Raises CommandError when the API's port is in use."""
        family = socket.AF_INET6 if self.use_ipv6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.addr.strip("[]"), int(self.port)))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise CommandError(
                        f"Port {self.port} is taken: stop what uses it, or choose another,"
                        f" for instance: python manage.py runserver {int(self.port) + 1}"
                    ) from None
                # Whatever else is wrong with the address, Django says when it binds.

    def banner(self) -> str:
        """What is where, and who can sign in."""
        base = f"http://{self.addr}:{self.port}"
        lines = [
            "",
            "LinguaFlex is starting.",
            f"  API        {base}/accounts/",
            f"  Docs       {base}/docs/",
            f"  Supabase   {settings.SUPABASE_URL}",
        ]
        lines.append(f"  OpenAI     {openai_in_words()}")
        if settings.SUPABASE_STAND_IN:
            lines[4] += f" (stand-in; its mails: {settings.SUPABASE_URL}/outbox)"
            lines += [f"  {label:10} {folder}" for label, folder in data_folders().items()]
            lines.append(f"  Demo       password {demo.PASSWORD}, chat {base}/demo/chat/")
            lines.append(f"             voice practice {base}/demo/voice/")
            lines += [f"             {person.email}  {person.about}" for person in demo.PEOPLE]
        return "\n".join([*lines, ""])


def openai_in_words() -> str:
    """Who answers voice sessions and feedback."""
    if settings.OPENAI_SIMULATOR:
        return f"{settings.OPENAI_BASE_URL} (simulator: its answers are made up)"
    if settings.OPENAI_API_KEY:
        return str(settings.OPENAI_BASE_URL)
    return "not configured: set OPENAI_API_KEY, or LINGUAFLEX_OPENAI_SIMULATOR=1"


def data_folders() -> dict[str, Path]:
    """Where the data is: as root, PostgreSQL's may lie elsewhere, behind a link."""
    folder = settings.LINGUAFLEX_DATA_DIR
    postgres = folder / "postgres"
    linked = {"PostgreSQL": postgres.resolve()} if postgres.is_symlink() else {}
    return {"Data": folder, **linked}


def end_in_order() -> None:
    """Lets a stop signal and a closed terminal stop PostgreSQL too; ``nohup`` is respected."""
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: sys.exit(0))


def ignore_stop_signals() -> None:
    """Lets no impatient second Ctrl-C keep PostgreSQL from being stopped."""
    for number in (signal.SIGINT, *STOP_SIGNALS):
        signal.signal(number, signal.SIG_IGN)


def end_with_parent(parent: int) -> None:
    """Ends this process when ``parent`` was killed: nobody else would."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
