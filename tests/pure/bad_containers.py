"""Bad input in what says of which containers a task is made: sidecars, their order, credentials, files of variables."""

from tests.projects import DIGEST, Tree
from tests.pure.bad import Bad, M, users

IMAGE: Tree = {"build": "services/users/Dockerfile", "port": 3000}
LOCATED: Tree = {"location": f"users@{DIGEST}", "port": 3000}
CHECK: Tree = {"command": ["CMD", "true"]}


def _sidecar(what: str, place: str, *says: str, **fields: object) -> Bad:
    nginx = {"image": f"nginx@{DIGEST}", **fields}
    return users(what, f"sidecars.nginx{place}", *says, sidecars={"nginx": nginx})


_PORT = "; give a port from 1 to 65535, with /udp for UDP"
_CREDENTIALS = "; give a secret's name or arn:aws:secretsmanager:<region>:<account>:secret:<name>"

ANYWHERE = [
    users("sidecars in a list", "sidecars", "found a list; give a map", sidecars=["nginx"]),
    users("a sidecar in a text", "sidecars.nginx", "found 'nginx:1'; give a map", sidecars={"nginx": "nginx:1"}),
    users(
        "a sidecar with the main container's name",
        "sidecars.users",
        "the main container also has the name users; give it another name",
        sidecars={"users": {"image": f"users@{DIGEST}"}},
    ),
    users(
        "a sidecar's name with a blank",
        "sidecars.my proxy",
        "the name 'my proxy'; use up to 255 letters, digits, - and _",
        sidecars={"my proxy": {"image": f"nginx@{DIGEST}"}},
    ),
    users(
        "a sidecar without an image",
        "sidecars.nginx.image",
        "missing; write an image's reference, or build: with a Dockerfile",
        sidecars={"nginx": {"port": 80}},
    ),
    _sidecar("a sidecar's image of nothing", ".image", "found ''; give an image's reference", image=""),
    _sidecar("a sidecar's image of a port", ".image", "neither build nor location", image={"port": 80}),
    _sidecar("a sidecar's image twice", ".image", "both build and location", image={"build": "a", "location": "b"}),
    _sidecar(
        "a sidecar's Dockerfile that is not there",
        ".image.build",
        "no Dockerfile at nginx/Dockerfile; give the path relative to the project folder",
        image={"build": "nginx/Dockerfile"},
    ),
    _sidecar("a sidecar's port in words", ".port", f"found 'http'{_PORT}", port="http"),
    _sidecar("a sidecar's port over the limit", ".port", f"found 65536{_PORT}", port=65536),
    _sidecar("a sidecar's protocol", ".port", f"found '80/tls'{_PORT}", port="80/tls"),
    _sidecar("essential in words", ".essential", "found 'never'; give true or false", essential="never"),
    _sidecar(
        "credentials with blanks", ".credentialsParameter", f"found 'a b'{_CREDENTIALS}", credentialsParameter="a b"
    ),
    _sidecar("a sidecar's variable from a list", ".variables.A", "found a list; give a text", variables={"A": ["1"]}),
    _sidecar("a sidecar's secret with a blank", ".secrets.A", "found 'a b'; give an SSM", secrets={"A": "a b"}),
    _sidecar("a sidecar's label of a list", ".labels.A", "found a list; give a text", labels={"A": []}),
    _sidecar("a sidecar's check", ".healthcheck.retries", "found 99; give a whole", healthcheck={"retries": 99}),
    _sidecar("a sidecar's open quotation", ".command", "close the quotes, or give a list", command="'"),
    users(
        "a mount point without a path",
        "sidecars.nginx.mount_points[0].path",
        "missing; ",
        sidecars={"nginx": {"image": f"nginx@{DIGEST}", "mount_points": [{"source_volume": "a"}]}},
        storage={"volumes": {"a": {"path": "/a"}}},
    ),
    users(
        "a mount point of a volume that isn't there",
        "sidecars.nginx.mount_points[0].source_volume",
        "unknown volume 'dta'; did you mean data?",
        storage={"volumes": {"data": {"path": "/data"}}},
        sidecars={"nginx": {"image": f"nginx@{DIGEST}", "mount_points": [{"source_volume": "dta", "path": "/srv"}]}},
    ),
    users(
        "a mount point where there are no volumes",
        "sidecars.nginx.mount_points[0].source_volume",
        "unknown volume 'data'; write it under storage.volumes",
        sidecars={"nginx": {"image": f"nginx@{DIGEST}", "mount_points": [{"source_volume": "data", "path": "/srv"}]}},
    ),
    _sidecar(
        "a container to wait for that is not there",
        ".depends_on.user",
        "unknown container 'user'; did you mean users?",
        depends_on={"user": "start"},
    ),
    _sidecar(
        "a condition that ECS does not have",
        ".depends_on.users",
        "found 'started'; give start, healthy, complete or success",
        depends_on={"users": "started"},
    ),
    _sidecar(
        "a condition of nothing", ".depends_on.users", "found nothing; give start, healthy", depends_on={"users": None}
    ),
    _sidecar(
        "the end of an essential container",
        ".depends_on.users",
        "complete of users, which is essential: when it ends, so does the task; give start or healthy, or set",
        depends_on={"users": "complete"},
    ),
    _sidecar(
        "the health of a container without a check",
        ".depends_on.users",
        "users has no healthcheck; write a healthcheck for it, or use start",
        depends_on={"users": "healthy"},
    ),
    _sidecar(
        "a container that waits for itself",
        ".depends_on.nginx",
        "nginx waits for itself; remove it",
        depends_on={"nginx": "start"},
    ),
    Bad(
        "two containers that wait for each other",
        (f"{M}: image.depends_on.nginx: users and nginx wait for each other; remove one of them",),
        manifests={
            "users": {
                "name": "users",
                "type": "Load Balanced Web Service",
                "image": {**IMAGE, "depends_on": {"nginx": "start"}},
                "http": {"path": "users"},
                "sidecars": {"nginx": {"image": f"nginx@{DIGEST}", "depends_on": {"users": "start"}}},
            }
        },
        lines=2,
    ),
    users(
        "credentials beside build",
        "image.credentials",
        "found together with build; remove it",
        image={**IMAGE, "credentials": "registry"},
    ),
    users(
        "credentials that name a key of the secret",
        "image.credentials",
        f"found 'registry:password::'{_CREDENTIALS}",
        image={**LOCATED, "credentials": "registry:password::"},
    ),
    users("labels in a list", "image.labels", "found a list; give a map", image={**IMAGE, "labels": ["a=b"]}),
    users(
        "an env_file of another ending", "env_file", "found 'users.txt'; give the path of a file", env_file="users.txt"
    ),
    users("an env_file of nothing", "env_file", "found ''; give the path of a file ending in .env", env_file=""),
    users(
        "an env_file that is not there",
        "env_file",
        "no file no.env; give the path relative to the project folder",
        env_file="no.env",
    ),
    _sidecar("a sidecar's env_file that is not there", ".env_file", "no file no.env; ", env_file="no.env"),
    users(
        "readonly_fs in words", "storage.readonly_fs", "found 'always'; give true", storage={"readonly_fs": "always"}
    ),
    users(
        "a destination in a text", "logging.destination", "found 'http'; give a map", logging={"destination": "http"}
    ),
    users(
        "metadata in words",
        "logging.enableMetadata",
        "found 'always'; give true or false",
        logging={"enableMetadata": "always"},
    ),
    _sidecar("a sidecar's image by a shell's default", ".image", "give an image's reference", image="nginx:${V:-1}"),
    users(
        "a router's image, its variable escaped", "logging.image", "give an image's", logging={"image": "flu:\\${V}"}
    ),
    users("a router's image of nothing", "logging.image", "found ''; give an image's reference", logging={"image": ""}),
    users(
        "a router's env_file that is not there",
        "logging.env_file",
        "no file no.env; ",
        logging={"env_file": "no.env"},
    ),
    users(
        "an option of a destination that is no secret's name",
        "logging.secretOptions.apikey",
        "found 'my key'; give an SSM parameter's name",
        logging={"secretOptions": {"apikey": "my key"}},
    ),
    users(
        "a sidecar with the router's name",
        "sidecars.firelens_log_router",
        "the log router has this name; give it another name",
        logging={"destination": {"Name": "http"}},
        sidecars={"firelens_log_router": {"image": f"nginx@{DIGEST}"}},
    ),
]
"""What is bad input on both platforms."""

_NGINX: Tree = {"image": f"nginx@{DIGEST}", "port": 80}

ON_AWS = [
    _sidecar("a port that the main container has", ".port", "the port 3000 is also the container users's", port=3000),
    users(
        "requests for a sidecar on the main container's port",
        "sidecars.nginx",
        "the port 3000 is also the container users's; give each its own port",
        http={"path": "api/users", "target_container": "nginx", "target_port": 3000},
        sidecars={"nginx": _NGINX},
    ),
    users(
        "a port that another sidecar has",
        "sidecars.other.port",
        "the port 80 is also the container nginx's; give each its own port",
        sidecars={"nginx": _NGINX, "other": _NGINX},
    ),
    users(
        "a sidecar's image by its tag",
        "sidecars.nginx.image",
        "the tag of 'nginx:1' can be moved to another image; give name@sha256:",
        sidecars={"nginx": {"image": "nginx:1"}},
    ),
    _sidecar(
        "a sidecar's secret with a variable's name",
        ".secrets.A",
        "a variable also has this name; keep one of them",
        variables={"A": "1"},
        secrets={"A": "a"},
    ),
    users(
        "a sidecar with the name of the collector of traces",
        "sidecars.aws-otel-collector",
        "the trace collector has this name; give it another name",
        sidecars={"aws-otel-collector": {"image": f"collector@{DIGEST}"}},
        observability={"tracing": "awsxray"},
    ),
    users(
        "a router's image by its tag",
        "logging.image",
        "the tag of 'fluent:1' can be moved to another image; give name@sha256:",
        logging={"image": "fluent:1"},
    ),
    users(
        "a router's secret with a variable's name",
        "logging.secrets.A",
        "a variable also has this name; keep one of them",
        logging={"variables": {"A": "1"}, "secrets": {"A": "a"}},
    ),
    users(
        "an option of a destination that is secret and isn't",
        "logging.secretOptions.apikey",
        "destination also sets this option; keep one of them",
        logging={"destination": {"apikey": "1"}, "secretOptions": {"apikey": "a"}},
    ),
]
"""What is bad input on AWS."""
