"""`python3 -m tools.stacks`: the stacks on AWS as a JSON list, which is what a matrix of GitHub Actions takes."""

import json
from pathlib import Path

LOCAL = "local"


def on_aws(folder: Path) -> list[str]:
    """The names of the stack files, without the one that runs on Docker."""
    names = (path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in folder.glob("Pulumi.?*.yaml"))
    return sorted(name for name in names if name != LOCAL)


if __name__ == "__main__":
    print(json.dumps(on_aws(Path(__file__).resolve().parents[1])))
