"""Requests to this machine without a proxy, such as those to the stand-ins."""

import os
from urllib.request import getproxies_environment

THIS_MACHINE = "127.0.0.1"


def reach_this_machine() -> None:
    """If the environment names a proxy, adds this machine to ``no_proxy``."""
    proxies = getproxies_environment()
    listed = proxies.pop("no", "")
    names = {name.strip() for name in listed.split(",")}
    if proxies.keys() & {"http", "https", "all"} and not names & {"*", THIS_MACHINE}:
        os.environ["no_proxy"] = f"{listed},{THIS_MACHINE}" if listed else THIS_MACHINE
