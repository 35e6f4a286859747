"""The local runserver, which also starts PostgreSQL and the stand-ins.

The outer process runs PostgreSQL and the stand-ins. The reloader's child process runs Django only, so a
reload restarts neither of them.
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

    Django writes a response in several pieces. On a persistent connection, the second piece would wait
    about 40 ms for the client's delayed acknowledgement of the first.
    """

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accepts the next connection with TCP_NODELAY."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return connection, address


class Command(runserver.Command):
    running: list[serving.Served] = []  # the stand-ins, in the outer process

    addr: str
    port: str
    use_ipv6: bool
    server_cls = Server
    help = "Starts LinguaFlex on this machine: database, accounts, demo data, API."

    def run(self, **options: Any) -> None:
        """Runs Django, and in the outer process also the services."""
        if os.environ.get(DJANGO_AUTORELOAD_ENV) == "true":
            outer = int(os.environ[OUTER_PROCESS])
            threading.Thread(target=end_with_parent, args=(outer,), daemon=True).start()
        else:
            os.environ[OUTER_PROCESS] = str(os.getpid())
            exit_on_stop_signals()
            self.start_services()
        try:
            super().run(**options)
        finally:
            self.stop_services()

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serves requests and runs background jobs, in the process that a reload replaces."""
        workers = [WorkerThread(queue) for queue in settings.TASKS["default"]["QUEUES"]]
        for worker in workers:
            worker.start()
        try:
            super().inner_run(*args, **options)
        finally:
            for worker in workers:
                worker.stop()

    def start_services(self) -> None:
        """Starts PostgreSQL and the stand-ins, migrates and seeds.

        Binds the ports first, so that nothing is started if a port is in use. Raises CommandError.
        """
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
        atexit.register(ignore_stop_signals)  # exit handlers run in reverse order: this one runs first
        self.stdout.write(self.banner())
        self.stdout.flush()  # a log file or a pipe is block-buffered

    def serve(self, served: serving.Served, listener: socket.socket) -> None:
        """Starts a service and registers it for ``stop_services``."""
        served.start(listener)
        self.running.append(served)

    def stop_services(self) -> None:
        """Stops the services of this process.

        An exit handler cannot do this, because the interpreter starts no threads during its exit. The
        services must stop before PostgreSQL: otherwise Realtime logs the lost connection as a crash.
        """
        if self.running:
            ignore_stop_signals()
        for served in self.running:
            served.stop()

    def refuse_taken_port(self) -> None:
        """Raises CommandError if the API's port is in use."""
        family = socket.AF_INET6 if self.use_ipv6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.addr.strip("[]"), int(self.port)))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise CommandError(
                        f"Port {self.port} is in use: stop the program that uses it, or choose another,"
                        f" for instance: python manage.py runserver {int(self.port) + 1}"
                    ) from None
                # Django reports every other error when it binds the address.

    def banner(self) -> str:
        """The addresses of the services, and the demo accounts."""
        base = f"http://{self.addr}:{self.port}"
        lines = [
            "",
            "LinguaFlex is starting.",
            f"  API        {base}/accounts/",
            f"  Docs       {base}/docs/",
            f"  Supabase   {settings.SUPABASE_URL}",
        ]
        lines.append(f"  OpenAI     {openai_endpoint()}")
        if settings.SUPABASE_STAND_IN:
            lines[4] += f" (stand-in; its mails: {settings.SUPABASE_URL}/outbox)"
            lines += [f"  {label:10} {folder}" for label, folder in data_folders().items()]
            lines.append(f"  Demo       password {demo.PASSWORD}, chat {base}/demo/chat/")
            lines.append(f"             voice practice {base}/demo/voice/")
            lines += [f"             {user.email}  {user.about}" for user in demo.USERS]
        return "\n".join([*lines, ""])


def openai_endpoint() -> str:
    """The OpenAI endpoint in use, as text for the banner."""
    if settings.OPENAI_SIMULATOR:
        return f"{settings.OPENAI_BASE_URL} (simulator: its answers are made up)"
    if settings.OPENAI_API_KEY:
        return str(settings.OPENAI_BASE_URL)
    return "not configured: set OPENAI_API_KEY, or LINGUAFLEX_OPENAI_SIMULATOR=1"


def data_folders() -> dict[str, Path]:
    """Labels and folders for the banner.

    If root runs the server, PostgreSQL's folder may be a symbolic link to a folder elsewhere.
    """
    folder = settings.LINGUAFLEX_DATA_DIR
    postgres = folder / "postgres"
    linked = {"PostgreSQL": postgres.resolve()} if postgres.is_symlink() else {}
    return {"Data": folder, **linked}


def exit_on_stop_signals() -> None:
    """Exits normally on SIGTERM and SIGHUP, so that exit handlers stop PostgreSQL.

    A signal that the parent process ignores, as ``nohup`` does, stays ignored.
    """
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: sys.exit(0))


def ignore_stop_signals() -> None:
    """Ignores further stop signals, so that a second Ctrl-C does not interrupt the stop of PostgreSQL."""
    for number in (signal.SIGINT, *STOP_SIGNALS):
        signal.signal(number, signal.SIG_IGN)


def end_with_parent(parent: int) -> None:
    """Ends this process if ``parent`` no longer exists, for instance after SIGKILL."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
