"""Asks PyPI for known vulnerabilities of the locked packages. Exit status 1 if there is one.

Prints a sentence and succeeds if the service cannot be reached.
"""

import json
import subprocess
import sys

COMMAND = ["pip-audit", "--requirement", "requirements/dev.lock.txt", "--require-hashes", "--disable-pip"]
OPTIONS = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]


def main() -> int:
    done = subprocess.run([*COMMAND, *OPTIONS], capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"pip-audit: skipped, because the service of PyPI cannot be reached ({reason[:200]})")
        return 0
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        print("pip-audit: skipped, because the service of PyPI cannot be reached (it knows no package)")
        return 0
    found = [(package, each["id"]) for package in audited for each in package["vulns"]]
    for package, vulnerability in found:
        print(f"{package['name']} {package['version']}: {vulnerability}")
    counts = f"{len(audited)} of {len(packages)} packages audited, {len(found)} known vulnerabilities"
    print(f"pip-audit: {counts}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
