"""Runs the OpenAI simulator in the foreground: python -m standins.openai"""

import argparse
import sys

from standins import serving
from standins.openai import server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m standins.openai", description=__doc__)
    parser.add_argument("--port", type=int, default=54322)
    options = parser.parse_args()
    try:
        sock = serving.bind(options.port, service="OpenAI simulator", variable="--port")
    except serving.PortTaken as error:
        sys.exit(str(error))
    banner = f"OpenAI http://127.0.0.1:{sock.getsockname()[1]}/v1"
    serving.run_until_signal(server.simulator(), sock, banner)


if __name__ == "__main__":
    main()
