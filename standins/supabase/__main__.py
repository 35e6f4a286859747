"""Runs the Supabase stand-in in the foreground: python -m standins.supabase postgresql://..."""

import argparse
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg2

from standins import serving
from standins.supabase import key_file, schema
from standins.supabase.config import Config
from standins.supabase.server import StandIn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m standins.supabase", description=__doc__)
    parser.add_argument("database", help="connection string of PostgreSQL")
    parser.add_argument("--port", type=int, default=54321)
    parser.add_argument("--data-dir", type=Path, default=Path(".supabase"), help="keys and uploaded files")
    parser.add_argument(
        "--confirm-email", action="store_true", help="new accounts must confirm their address"
    )
    options = parser.parse_args()
    connect = partial(psycopg2.connect, options.database)
    load_keys = partial(key_file.load_or_create, options.data_dir)
    try:
        keys = load_keys()
        with closing(connect()) as connection, connection, connection.cursor() as cursor:
            schema.install(cursor)
        sock = serving.bind(options.port, service="Supabase stand-in", variable="--port")
    except (psycopg2.OperationalError, key_file.InvalidKeyFile, serving.PortTaken) as error:
        sys.exit(str(error))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    config = Config(
        url=url,
        site_url="http://127.0.0.1:3000",
        load_keys=load_keys,
        connect=connect,
        storage_dir=options.data_dir / "storage",
        confirm_email=options.confirm_email,
    )
    banner = f"{url} (mails: {url}/outbox), keys: {keys.publishable_key} {keys.secret_key}"
    serving.run_until_signal(StandIn(config), sock, banner)


if __name__ == "__main__":
    main()
