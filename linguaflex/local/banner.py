"""What ``runserver`` prints at its start."""

import socket
from pathlib import Path

from django.conf import settings

from linguaflex.local.demo import staff


def text(*, address: str, port: str) -> str:
    """The address to open first, the demo member of staff, the mails, and how to stop.

    ``address`` and ``port`` are those of the API.
    """
    site = f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{port}/"
    lines = stand_in_lines(site) if settings.SUPABASE_STAND_IN else hosted_lines(site)
    if address == "0.0.0.0":
        lines.insert(1, ("Phone", phone(port)))
    lines += [("OpenAI", openai_endpoint()), ("Stop", "Ctrl-C")]
    return "\n".join(["", "LinguaFlex is starting.", *(f"  {name:10} {value}" for name, value in lines), ""])


def stand_in_lines(site: str) -> list[tuple[str, str]]:
    """The lines of the local default."""
    lines = [("Open", site)]
    if staff.exists():
        lines.append(("Admin", f"{staff.EMAIL}, password {staff.password()}"))
    lines.append(("Mails", f"{settings.SUPABASE_URL}/outbox"))
    return lines + [(label, str(folder)) for label, folder in data_folders().items()]


def hosted_lines(site: str) -> list[tuple[str, str]]:
    """The lines of development settings with a hosted project."""
    return [("Docs", f"{site}docs/"), ("API", f"{site}accounts/"), ("Supabase", settings.SUPABASE_URL)]


def phone(port: str) -> str:
    """The address for other machines, or why there is none."""
    if not settings.IN_NETWORK:
        return f"refused: start it as LINGUAFLEX_HOST=0.0.0.0 python manage.py runserver {port}"
    own = network_address()
    return f"http://{own}:{port}/ in the same network" if own else "this machine has no network"


def openai_endpoint() -> str:
    """The OpenAI endpoint in use."""
    if settings.OPENAI_SIMULATOR:
        return f"{settings.OPENAI_BASE_URL} (simulator: its answers are made up)"
    if settings.OPENAI_API_KEY:
        return str(settings.OPENAI_BASE_URL)
    return "not configured: set OPENAI_API_KEY, or LINGUAFLEX_OPENAI_SIMULATOR=1"


def data_folders() -> dict[str, Path]:
    """Labels and folders.

    If root runs the server, PostgreSQL's folder may be a symbolic link to a folder elsewhere.
    """
    folder = settings.LINGUAFLEX_DATA_DIR
    postgres = folder / "postgres"
    linked = {"PostgreSQL": postgres.resolve()} if postgres.is_symlink() else {}
    return {"Data": folder, **linked}


def network_address() -> str | None:
    """This machine's address in its network, or None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's address. UDP sends nothing here
        except OSError:
            return None
        return str(probe.getsockname()[0])
