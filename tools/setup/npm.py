"""The settings with which npm works on this machine, so that `npm ci` works inside a build too."""

from collections.abc import Iterable, Mapping
from pathlib import Path

IMAGE_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUNDLE_VARIABLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "NPM_CONFIG_CAFILE")
KEPT = ("registry", "strict-ssl", "proxy", "https-proxy", "noproxy", "fetch-timeout", "fetch-retries")
"""The settings that say where packages come from; what is a matter of taste or of this machine's paths stays out."""


def rc_files(node: Path, env: Mapping[str, str]) -> list[Path]:
    """npm's own settings files, the weakest first: global (beside node), then the user's."""
    name = "etc/npmrc"
    prefix = env.get("NPM_CONFIG_PREFIX", "")
    places = [
        Path(env.get("NPM_CONFIG_GLOBALCONFIG") or (Path(prefix) if prefix else node.parent.parent) / name),
        Path(env.get("NPM_CONFIG_USERCONFIG") or Path(env.get("HOME", "/root")) / ".npmrc"),
    ]
    return [place for place in places if place.is_file()]


def settings(texts: Iterable[str]) -> dict[str, str]:
    """The settings of several npmrc texts together; a later one wins."""
    found: dict[str, str] = {}
    for text in texts:
        for row in text.splitlines():
            name, equals, value = row.partition("=")
            if equals and not row.lstrip().startswith(("#", ";")):
                found[name.strip()] = value.strip().strip('"')
    return found


def from_variables(env: Mapping[str, str]) -> dict[str, str]:
    """What the environment says: npm's own variables, and a proxy by the usual ones."""
    named = {key[len("npm_config_") :].lower().replace("_", "-"): env[key] for key in env if is_npm_variable(key)}
    http = env.get("HTTP_PROXY") or env.get("http_proxy")
    https = env.get("HTTPS_PROXY") or env.get("https_proxy")
    proxies = {"proxy": http or "", "https-proxy": https or ""}
    return {name: value for name, value in {**proxies, **named}.items() if value}


def is_npm_variable(key: str) -> bool:
    return key.lower().startswith("npm_config_")


def kept(found: Mapping[str, str]) -> dict[str, str]:
    """Of all settings, those that decide where packages come from and how one is let in."""
    return {name: value for name, value in found.items() if name in KEPT or name.startswith(("//", "@"))}


def image_npmrc(node: Path, env: Mapping[str, str]) -> str:
    """The npmrc of the image. It lies in this machine's own image only, and is never committed."""
    files = settings(path.read_text(errors="replace") for path in rc_files(node, env))
    lines = [f"{name}={value}" for name, value in sorted(kept({**files, **from_variables(env)}).items())]
    return "\n".join([*lines, f"cafile={IMAGE_BUNDLE}", "audit=false", "fund=false", "update-notifier=false", ""])


def bundles(node: Path, env: Mapping[str, str]) -> list[Path]:
    """The files of certificate authorities that this machine trusts, the system's first."""
    files = settings(path.read_text(errors="replace") for path in rc_files(node, env))
    names = [IMAGE_BUNDLE, "/etc/pki/tls/certs/ca-bundle.crt", *(env.get(name, "") for name in BUNDLE_VARIABLES)]
    names.append(files.get("cafile", ""))
    paths = [Path(name).expanduser() for name in names if name]
    return list(dict.fromkeys(path for path in paths if path.is_file()))


def bundle(paths: Iterable[Path]) -> str:
    """All of these certificates in one text."""
    return "\n".join(dict.fromkeys(path.read_text(errors="replace") for path in paths))
