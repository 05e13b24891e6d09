"""`python -m tools.iam`: write the policies below `iam/`. Run it after a change of the table."""

import json
import re
from pathlib import Path

from tools.iam.policy import documents

ROOT = Path(__file__).resolve().parents[2]


def project(root: Path) -> str:
    """The project's name, as Pulumi.yaml says."""
    found = re.search(r"^name: *(\S+)", (root / "Pulumi.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "Pulumi.yaml has no name"
    return found.group(1)


def texts(root: Path) -> dict[str, str]:
    """The files' texts by their name."""
    return {name: json.dumps(document, indent=2) + "\n" for name, document in documents(project(root)).items()}


def main() -> None:
    folder = ROOT / "iam"
    folder.mkdir(exist_ok=True)
    for name, text in texts(ROOT).items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
