"""Looks for secrets in every line that a commit has added. Exit status 1 if it finds one.

It uses the detectors of detect-secrets that know the format of a key. Those that judge by entropy or by a
word such as "password" report hundreds of tests. A checkout of part of the history is refused.
"""

import re
import subprocess
import sys
from collections.abc import Iterator

from detect_secrets.core.scan import get_plugins
from detect_secrets.settings import transient_settings

NAMES = [
    *("Artifactory", "AWSKey", "AzureStorageKey", "BasicAuth", "Cloudant", "DiscordBotToken", "GitHubToken"),
    *("GitLabToken", "IbmCloudIam", "JwtToken", "Mailchimp", "Npm", "OpenAI", "PrivateKey", "PypiToken"),
    *("SendGrid", "Slack", "SquareOAuth", "Stripe", "TelegramBotToken", "TwilioKey"),
]
DETECTORS = {"plugins_used": [{"name": f"{name}Detector"} for name in NAMES]}
SUPABASE = re.compile(r"sb_secret_[\w-]{20,}|sbp_[0-9a-f]{40}")
# Every secret has so many characters in a row, or is in a URL.
CANDIDATE = re.compile(r"[\w+/=.-]{20}|://\S+@|BEGIN")
LONGEST = 10_000  # characters of a line that are read
HASHES = (".lock.txt", "package-lock.json")
# Values that documentation and tests show.
EXAMPLES = re.compile(
    r"://[\w.+{}-]+:(hidden|word|password|secret|p|p%40ss|a-long-password|<password>)@"
    r"|://[\w.]+:\d+@"  # a port before an @: an address that must be refused
    r"|eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9\.e30\."  # {"alg":"ES256","typ":"JWT"}.{}
    r"|eyJhbGciOiJub25lIn0\.e30\."  # {"alg":"none"}.{}
    r'|"-----BEGIN PRIVATE KEY-----": "PEM format"'
)


def added_lines() -> Iterator[str]:
    """The lines that the commits of all branches have added, without lock files."""
    command = ["git", "log", "--all", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--format="]
    log = subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")
    is_read = True
    for line in log.split("\n"):
        if line.startswith("+++ "):
            is_read = not line.endswith(HASHES)
        elif line.startswith("+") and is_read:
            yield line[1 : LONGEST + 1].strip()


def findings(lines: set[str]) -> Iterator[str]:
    """The lines with a secret, behind its type."""
    with transient_settings(DETECTORS):
        detectors = list(get_plugins())
        for line in sorted(lines):
            rest = EXAMPLES.sub("", line)
            kinds = {each.secret_type for each in detectors for _ in each.analyze_string(rest)}
            kinds |= {"Supabase key"} if SUPABASE.search(rest) else set()
            yield from (f"{kind}: {line[:200]}" for kind in sorted(kinds))


def main() -> int:
    shallow = subprocess.run(["git", "rev-parse", "--is-shallow-repository"], capture_output=True, text=True)
    if shallow.stdout.strip() != "false":
        print("The history is not complete: git fetch --unshallow")
        return 1
    lines = set(added_lines())
    found = list(findings({line for line in lines if CANDIDATE.search(line)}))
    print(*found, f"Secrets in {len(lines)} added lines of the history: {len(found)}", sep="\n")
    if found:
        print("Revoke a real one. Add the value of an example to EXAMPLES in .ci/secrets.py.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
