"""The settings with which pip works on this machine, so that `pip install` works inside a build too."""

from collections.abc import Mapping
from pathlib import Path

from tools.setup.npm import IMAGE_BUNDLE
from tools.setup.run import capture

KEPT = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("proxy", "default-timeout", "timeout", "retries"),
)
"""The settings that say where packages come from."""
CERTIFICATES = (IMAGE_BUNDLE, "/etc/pki/tls/certs/ca-bundle.crt")
VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def settings(listing: str) -> dict[str, str]:
    """What `pip config list` told, by the setting's name; a variable (`:env:`) goes before a file."""
    rows = [row.partition("=") for row in listing.splitlines() if "=" in row]
    from_files = [row for row in rows if not row[0].startswith(":env:")]
    ordered = [*from_files, *(row for row in rows if row not in from_files)]
    return {name.rpartition(".")[2]: value.strip().strip("'\"") for name, _, value in ordered}


def own_settings(python: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Those of this machine's pip, as it tells them itself."""
    return settings(capture([str(python), "-m", "pip", "config", "list"], env).out)


def image_pip_conf(found: Mapping[str, str], env: Mapping[str, str]) -> str:
    """The pip.conf of the image. It lies in this machine's own image only, and is never committed. A folder of this
    machine isn't in the image."""
    proxy = env.get("HTTPS_PROXY") or env.get("https_proxy")
    known = {**({"proxy": proxy} if proxy else {}), **found}
    kept = {name: value for name, value in known.items() if name in KEPT and (name != "find-links" or "://" in value)}
    lines = [f"{name} = {value}" for name, value in sorted({**kept, "cert": IMAGE_BUNDLE}.items())]
    return "\n".join(["[global]", *lines, ""])


def bundles(found: Mapping[str, str], env: Mapping[str, str]) -> list[Path]:
    """The files of certificate authorities that this machine trusts, the system's first."""
    names = [*CERTIFICATES, *(env.get(name, "") for name in VARIABLES), found.get("cert", "")]
    paths = [Path(name).expanduser() for name in names if name]
    return list(dict.fromkeys(path for path in paths if path.is_file()))
