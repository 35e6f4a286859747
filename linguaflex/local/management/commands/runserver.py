"""The local runserver, which also starts PostgreSQL and the stand-ins.

The outer process runs PostgreSQL and the stand-ins. The reloader's child process runs Django only, so a
reload restarts neither of them.
"""

import atexit
import errno
import os
import socket
import threading
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands import runserver
from django.core.servers.basehttp import WSGIServer
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from linguaflex.local import banner, demo, free_ports, ports, services
from linguaflex.local.demo import staff
from linguaflex.local.stopping import end_with_parent, exit_on_stop_signals, ignore_stop_signals
from linguaflex.local.worker import WorkerThread
from standins import serving
from standins.openai import server as openai_server
from standins.supabase import server as supabase_server

BINDERS = {
    "LINGUAFLEX_SUPABASE_PORT": partial(supabase_server.bind, host=settings.LINGUAFLEX_HOST),
    "LINGUAFLEX_OPENAI_PORT": partial(openai_server.bind, host=settings.LINGUAFLEX_HOST),
}
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
    default_addr = settings.LINGUAFLEX_HOST
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
            self.move_from_taken_ports()
            if settings.SUPABASE_STAND_IN:
                listener = self.bind("LINGUAFLEX_SUPABASE_PORT")
            if settings.OPENAI_SIMULATOR:
                self.serve(openai_server.simulator(), self.bind("LINGUAFLEX_OPENAI_PORT"))
        except serving.PortTaken as error:
            raise CommandError(str(error)) from None
        services.prepare_database()
        if settings.SUPABASE_STAND_IN:
            ports.hold(settings.LINGUAFLEX_DATA_DIR, self.ports())
            new = demo.seed_if_empty()
            staff.add()
            self.serve(services.stand_in(), listener)
            if new:
                demo.add_pictures()
        call_command("finish_deletions")
        atexit.register(ignore_stop_signals)  # exit handlers run in reverse order: this one runs first
        self.stdout.write(banner.text(address=self.addr, port=self.port))
        self.stdout.flush()  # a log file or a pipe is block-buffered

    def move_from_taken_ports(self) -> None:
        """Restarts this process with free ports for the stand-ins whose default port is in use.

        Raises serving.PortTaken.
        """
        moved = free_ports.moved({name: BINDERS[name] for name in self.ports()})
        for name, port in moved.items():
            self.stdout.write(f"Port {getattr(settings, name)} is in use: {name} is {port} now.")
        if moved:
            free_ports.restart(moved)

    def bind(self, variable: str) -> socket.socket:
        """The listening socket of a stand-in. Raises serving.PortTaken."""
        return BINDERS[variable](getattr(settings, variable))

    def ports(self) -> dict[str, int]:
        """The ports of the stand-ins that this command starts, by variable."""
        started = [settings.SUPABASE_STAND_IN, settings.OPENAI_SIMULATOR]
        return {name: getattr(settings, name) for name, is_on in zip(BINDERS, started, strict=True) if is_on}

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
