#!/usr/bin/env python
"""Runs Django's commands. Without configuration, the environment is ``local``."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linguaflex.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        if sys.argv[1] == "doctor":  # the settings cannot be loaded, so the command cannot run
            from accounts.doctor import report

            sys.exit(report.settings_refused(str(error), json_wanted="--json" in sys.argv))
        sys.exit(str(error))  # the message names the variable; a traceback would hide it
