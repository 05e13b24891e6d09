"""Run as `pulumi-language-python` by the CLI: `python -P <this folder> ENGINE`, whatever the working directory is."""

import sys
from pathlib import Path

# Python puts this folder first, in which no program finds its modules; they are named from the project's root on.
sys.path[0] = str(Path(__file__).resolve().parents[3])

from tools.offline import protocol  # noqa: E402

protocol.without_sdk()

from tools.offline.language_host.server import main  # noqa: E402

if __name__ == "__main__":
    main()
