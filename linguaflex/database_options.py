"""The options after the ``?`` of a database URL.

Guides and dashboards give URLs with options of other tools. Known ones are dropped with a warning, unknown
ones are refused. The rest are options of libpq (PostgreSQL docs, "Parameter Key Words").
"""

import logging
import re
from pathlib import Path
from urllib.parse import parse_qsl

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import make_dsn

logger = logging.getLogger(__name__)

# Compared without case, "_", "-" and blanks. Each line is of one family of tools.
OF_OTHER_TOOLS = """
pgbouncer connectionlimit pooltimeout schema statementcachesize sockettimeout sslaccept sslidentity
singleuseconnections maxidleconnectionlifetime maxconnectionlifetime
supa workaround poolmode
uselibpqcompat max min idletimeout idletimeoutmillis connectiontimeoutmillis maxlifetime maxuses prepare
querytimeout statementtimeout locktimeout idleintransactionsessiontimeout fetchtypes allowexitonidle
preparedstatements preparedstatementcachesize preparedstatementnamefunc maxcachedstatementlifetime
maxcacheablestatementsize commandtimeout serversettings minsize maxsize poolsize maxoverflow poolrecycle
poolpreping poolclass preparethreshold asyncfallback isolationlevel echo
pool statementlimit reapingfrequency checkouttimeout schemasearchpath encoding variables advisorylocks
minmessages timeout reconnect
currentschema preparedstatementcachequeries rewritebatchedinserts logintimeout
tcpkeepalive sslfactory stringtype targetservertype loadbalancehosts defaultrowfetchsize binarytransfer
poolmaxconns poolminconns poolmaxconnlifetime poolmaxconnidletime poolhealthcheckperiod
defaultqueryexecmode statementcachecapacity descriptioncachecapacity statementcachemode binaryparameters
searchpath timezone socketdir queuetarget queueinterval
pooling minpoolsize maxpoolsize minimumpoolsize maximumpoolsize noresetonclose trustservercertificate
multiplexing includeerrordetail maxautoprepare connectionlifetime connectionidlelifetime
connmaxage connhealthchecks sslrequire atomicrequests autocommit disableserversidecursors
serversidebinding
serverversion charset keepalive keepaliveinitialdelaymillis applicationname acquiretimeout maxconnections
minconnections connectiontimeout relationmode multischema enginetype socket parsetime loc loglevel
logstatements family auth connectionpool supavisor
"""
FOREIGN = set(OF_OTHER_TOOLS.split())
TRUE = {"true", "1", "on", "yes", "t"}
FALSE = {"false", "0", "off", "no", "f", "disable"}
# Option -> its values. libpq refuses others when it connects.
WORDS = {
    "sslmode": "disable allow prefer require verify-ca verify-full",
    "gssencmode": "disable prefer require",
    "channel_binding": "disable prefer require",
    "sslnegotiation": "postgres direct",
    "target_session_attrs": "any read-write read-only primary standby prefer-standby",
    "load_balance_hosts": "disable random",
}
NUMBERS = (
    *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    "tcp_user_timeout",
)
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
OF_DJANGO = {"assume_role"}
# In seconds, but keepalives_count in probes and tcp_user_timeout in milliseconds. A connection that a router
# has dropped fails after seconds, not after a quarter of an hour. During a long job, keepalives keep the
# router from dropping its connection. Unix sockets ignore all but connect_timeout.
DEFAULTS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def own_options(name: str, query: str) -> dict[str, str]:
    """The options of libpq and Django in a URL's query. Raises ImproperlyConfigured for a wrong one."""
    if ";" in query:
        raise ImproperlyConfigured(
            f"{name} separates options by ';'. Expected '&', as in ?sslmode=require&..."
        )
    given = dict(parse_qsl(query))
    own = {option: value for option, value in given.items() if option in OF_DJANGO or is_of_libpq(option)}
    foreign = [option for option in given if option not in own]
    encryption = _encryption(name, given)
    if unknown := [option for option in foreign if _plain(option) not in FOREIGN | {"ssl"}]:
        raise ImproperlyConfigured(
            f"{name} has the option {unknown[0]!r}, which PostgreSQL does not know. Expected an option of"
            " libpq, such as sslmode=require. Remove it; in a password write & as %26 and ? as %3F."
        )
    if encryption:
        foreign = [option for option in foreign if _plain(option) not in ("ssl", "sslrequire")]
    if foreign:
        logger.warning(
            "%s: %s ignored. Only options of libpq have an effect; remove the others, which belong to other"
            " tools.",
            name,
            ", ".join(foreign) + (" is" if len(foreign) == 1 else " are"),
        )
    own |= encryption
    for option, value in own.items():
        _check_value(name, option, value)
    return own


def is_of_libpq(option: str) -> bool:
    """Whether the installed libpq has an option of this name."""
    try:
        make_dsn(None, **{option: "1"})
    except (psycopg2.Error, TypeError, ValueError):
        return False
    return True


def _encryption(name: str, given: dict[str, str]) -> dict[str, str]:
    """``sslmode`` for the spellings of other tools, so that no connection loses its encryption."""
    mode = given.get("sslmode", "")
    if mode and mode != "no-verify":
        return {}
    spelt = {_plain(option): value.lower() for option, value in given.items()}
    word = mode or spelt.get("ssl") or spelt.get("sslrequire", "")
    if not word or word in FALSE:
        return {}
    found = "require" if word in TRUE | {"no-verify"} else word
    logger.warning("%s: sslmode=%s is used for the spelling of another tool.", name, found)
    return {"sslmode": found}


def _check_value(name: str, option: str, value: str) -> None:
    """Raises ImproperlyConfigured for a value that libpq would refuse when it connects."""
    if option in WORDS and value not in WORDS[option].split():
        expected = WORDS[option].replace(" ", ", ")
    elif option in NUMBERS and not re.fullmatch("-?[0-9]{1,9}", value):
        expected = "a whole number"
    elif option in FILES and value != "system" and not Path(value).exists():
        expected = "the path of a file that exists"
    else:
        return
    raise ImproperlyConfigured(
        f"{name} has the option {option} with the value {value!r}. Expected {expected}."
    )


def _plain(option: str) -> str:
    return re.sub(r"[\s_-]", "", option).lower()
