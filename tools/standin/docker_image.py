"""pulumi-docker's `Image`: nothing is built; the digest is computed from what a build would be made of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from tools.standin import ecr
from tools.standin.cloud import AwsError, Object
from tools.standin.kinds import Call, Kind, Problem
from tools.standin.values import Props, canonical, contains_unknown, is_unknown, table

IMAGE: Final = "docker:index/image:Image"


def _build(inputs: Props) -> Props:
    build = inputs.get("build")
    return cast("Props", build) if isinstance(build, dict) else {}


def _problems(inputs: Props) -> Iterator[Problem]:
    name = inputs.get("imageName")
    if isinstance(name, str) and not re.fullmatch(r"[a-z0-9.:/_-]+(:[A-Za-z0-9._-]+)?", name):
        yield "imageName", f"is {name!r}; accepted: [registry/]name[:tag] in lower case"


def context_digest(root: Path, build: Props) -> str:
    """A digest of the files of a build's context and its Dockerfile; times and owners don't count."""
    context = root / str(build.get("context") or ".")
    if not context.is_dir():
        raise AwsError("build.context", f"{context} is not a folder")
    dockerfile = root / str(build.get("dockerfile") or Path(str(build.get("context") or ".")) / "Dockerfile")
    if not dockerfile.is_file():
        raise AwsError("build.dockerfile", f"{dockerfile} does not exist")
    hashed = hashlib.sha256(dockerfile.read_bytes())
    ignored = _ignored(context)
    for path in sorted(context.rglob("*")):
        relative = path.relative_to(context)
        if path.is_file() and not any(part in ignored for part in relative.parts):
            hashed.update(str(relative).encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()


def _ignored(context: Path) -> set[str]:
    """Plain names in `.dockerignore`; patterns are not understood and so count as part of the context."""
    file = context / ".dockerignore"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return {line.strip().strip("/") for line in lines if line.strip() and not line.startswith(("#", "!"))}


def _prepare(inputs: Props, root: Path) -> Props:
    build = _build(inputs)
    if is_unknown(inputs.get("build")) or any(is_unknown(build.get(key)) for key in ("context", "dockerfile")):
        return inputs
    return {**inputs, "build": {**build, "contextDigest": context_digest(root, build)}}


def digest_of(inputs: Any) -> str:
    """The digest of the image that these inputs build."""
    build = dict(_build(dict(inputs)))
    for name in ("context", "dockerfile", "cacheFrom", "builderVersion"):
        build.pop(name, None)
    return "sha256:" + hashlib.sha256(canonical(build).encode()).hexdigest()


def _untagged(name: str) -> str:
    return re.sub(r":[^/:]+$", "", name)


def _finish(call: Call, current: Object) -> Object:
    if not call.get("skipPush"):
        url = _untagged(str(call.inputs["imageName"]))
        if url.startswith(ecr.registry(call.cloud, url.split(".")[3] if url.count(".") > 3 else None)):
            ecr.push(call.cloud, url, digest_of(call.inputs))
    return current


def _outputs(call: Call, _identifier: str) -> Props:
    name = str(call.inputs["imageName"])
    digest = digest_of(call.inputs)
    return {
        "baseImageName": name,
        "imageName": name,
        "registryServer": table(call.get("registry")).get("server") or name.partition("/")[0],
        "repoDigest": digest if call.get("skipPush") else f"{_untagged(name)}@{digest}",
        "registry": None,
    }


def _verify(call: Call) -> None:
    if contains_unknown(call.inputs):
        raise AwsError("", "an input is unknown")
    url = _untagged(str(call.inputs["imageName"]))
    pushes = ".dkr.ecr." in url and not call.get("skipPush")
    if pushes and call.snapshot.one(ecr.REPOSITORY, repositoryUrl=url) is None:
        raise AwsError("name unknown", f"the repository {url} does not exist")


KINDS: Final = (
    Kind(
        IMAGE,
        lambda call: str(call.inputs["imageName"]),
        defaults={"skipPush": False, "buildOnPreview": False},
        ignored=frozenset({"registry"}),
        unknown_on_update=frozenset({"repoDigest"}),
        problems=_problems,
        prepare=_prepare,
        verify=_verify,
        finish=_finish,
        outputs=_outputs,
    ),
)
