"""`python3 -m tools.setup <command> [stack] [arguments]`: what the Makefile calls."""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")

if sys.version_info < OLDEST:
    found = next((path for path in map(shutil.which, NEWER) if path), None)
    if found is None:
        wanted = ".".join(map(str, OLDEST))
        sys.exit(f"make: python: this is Python {sys.version.split()[0]}; install Python {wanted} or newer")
    os.execv(found, [found, "-m", "tools.setup", *sys.argv[1:]])

from tools.setup.commands import main  # noqa: E402 -- after the check of the version

sys.exit(main(sys.argv[1:]))
