"""The Pulumi CLI from its sources, by Go and its module proxy."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.offline import word_lists
from tools.setup.place import Place
from tools.setup.run import patiently
from tools.setup.say import MachineError, say

WHERE = "pulumi"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


def build(own: Path, place: Place, env: Mapping[str, str], version: str) -> None:
    """Build the CLI with Go; what is half done has another name, so a build that is killed leaves nothing."""
    go = shutil.which("go", path=env.get("PATH"))
    if go is None:
        raise MachineError(
            WHERE,
            "no pulumi on PATH, none to download, and no go to build it with",
            "install the Pulumi CLI, or Go 1.26",
        )
    own.parent.mkdir(parents=True, exist_ok=True)
    for old in own.parent.glob("pulumi.part*"):
        old.unlink()
    part, copies = own.with_name(f"pulumi.part{os.getpid()}"), place.work / "go"
    source, own_env = place.root / "tools" / "offline", {**env, "GOFLAGS": ""}
    try:
        changed = word_lists.go_mod(go, source, copies, own_env)
        seconds = patiently(
            WHERE,
            f"building v{version} with {go} (some 5 minutes the first time)",
            [
                # -s -w: without what debuggers need, a third of the time that linking takes.
                *(go, "build", "-mod=readonly", "-ldflags", f"-s -w -X {VERSION_VARIABLE}=v{version}"),
                *(("-modfile", str(changed)) if changed else ()),
                *("-o", str(part), PACKAGE),
            ],
            place.logs / "go.log",
            "check whether Go can reach its module proxy, or install the Pulumi CLI",
            env=own_env,
            cwd=source,
        )
        part.rename(own)
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(copies, ignore_errors=True)
    say(WHERE, f"built v{version} in {seconds:.0f} s")
