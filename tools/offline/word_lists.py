"""The word lists in Pulumi's CLI, read where `config set` judges a text, not at the start of every command.

The CLI has zxcvbn-go twice, by itself and by a dependency, and each copy reads its lists as the program starts: 0.08 s
of the 0.14 s of processor time before a command does anything. A build here takes copies that read them when they are
first used; of modules that look otherwise it takes the originals.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.setup.run import capture

MODULES: Final = ("github.com/nbutton23/zxcvbn-go", "github.com/ccojocar/zxcvbn-go")
_AT_START: Final = ("func init() {\n\tmaleFilePath", "func init() {\n\tloadFrequencyList()\n}\n")
"""Where the lists are read, in frequency/frequency.go and in matching/matching.go."""
_FIRST_USE: Final = "func loadFrequencyList() {\n"
"""What matching.go calls where it has no lists yet."""


def deferred(frequency: str, matching: str) -> tuple[str, str] | None:
    """The two files with lists that are read at their first use; None for files that look otherwise."""
    texts = ((frequency, _AT_START[0]), (matching, _AT_START[1]), (matching, _FIRST_USE))
    if any(text.count(part) != 1 for text, part in texts):
        return None
    name = _AT_START[0].replace("func init()", "// Fill reads the lists.\nfunc Fill()")
    first = f"{_FIRST_USE}\tfrequency.Fill()\n"
    return frequency.replace(_AT_START[0], name), matching.replace(_AT_START[1], "").replace(_FIRST_USE, first)


def go_mod(go: str, source: Path, folder: Path, env: Mapping[str, str]) -> Path | None:
    """A go.mod as that in `source`, with the changed copies of the modules, in `folder`; None if they can't be had."""
    try:
        return _copied(go, source, folder, env)
    except OSError:  # a full disk: what builds says so
        return None


def _copied(go: str, source: Path, folder: Path, env: Mapping[str, str]) -> Path | None:
    """The folder is made anew, so that what a killed build left in it doesn't matter."""
    shutil.rmtree(folder, ignore_errors=True)
    text = (source / "go.mod").read_text(encoding="utf-8")
    for module in MODULES:
        found = capture([go, "mod", "download", "-json", module], env, cwd=source, seconds=600)
        if not found.ok:
            return None
        original, copy = Path(json.loads(found.out)["Dir"]), folder / module
        shutil.copytree(original, copy, copy_function=shutil.copyfile)
        for path in (copy, *copy.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)  # nobody may write into those of Go's cache
        files = copy / "frequency" / "frequency.go", copy / "matching" / "matching.go"
        if not all(file.is_file() for file in files):
            return None
        changed = deferred(*(file.read_text(encoding="utf-8") for file in files))
        if changed is None:
            return None
        for file, content in zip(files, changed, strict=True):
            file.write_text(content, encoding="utf-8")
        if not (copy / "go.mod").is_file():
            (copy / "go.mod").write_text(f"module {module}\n", encoding="utf-8")
        text += f"\nreplace {module} => {json.dumps(str(copy))}\n"
    shutil.copyfile(source / "go.sum", folder / "go.sum")
    (folder / "go.mod").write_text(text, encoding="utf-8")
    return folder / "go.mod"
