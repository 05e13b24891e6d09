"""Bad input in manifests, on any platform."""

from tests.projects import manifest
from tests.pure.bad import Bad, C, M, text, users, without

_IMAGE = {"build": "services/users/Dockerfile", "port": 3000}


def _image(what: str, place: str, *says: str, **fields: object) -> Bad:
    return users(what, place, *says, image={**_IMAGE, **fields})


def _http(what: str, place: str, *says: str, **fields: object) -> Bad:
    return users(what, place, *says, http={"path": "api/users", **fields})


CASES = [
    text("a manifest that is no YAML", "name: users\nimage: [\n", f"{M}:3: invalid YAML: ", "fix the line"),
    text("a manifest with tabs", "name: users\nhttp:\n\tpath: /\n", f"{M}:3: invalid YAML: ", "fix the line"),
    text(
        "a key that stands twice",
        "name: users\ncpu: 256\ncpu: 512\n",
        f"{M}:3: invalid YAML: duplicate key cpu; fix",
    ),
    text("an empty manifest", "# nothing yet\n", f"{M}: empty; write keys and values"),
    text("a manifest that is a list", "- name: users\n", f"{M}: not a map; write keys and values"),
    without("no name", "name", "name", "missing; write the service's name"),
    without("no type", "type", "type", "missing; write type: Load Balanced Web Service"),
    Bad(
        "no image at all",
        (
            f"{M}: image.port: missing",
            f"{M}: image: neither build nor location; write build: services/users/Dockerfile",
        ),
        manifests={"users": {key: value for key, value in manifest("users").items() if key != "image"}},
        lines=2,
    ),
    without("no http", "http", "http.path", "missing; write the path that the service serves, such as path: api/users"),
    users(
        "name in upper case",
        "name",
        "found 'Users'; use up to 40 lower-case letters, digits and -, starting with a",
        name="Users",
    ),
    users("name over the limit", "name", "found 'uuuu", "use up to 40", name="u" * 41),
    users("name with an underscore", "name", "found 'my_users'; use up to", name="my_users"),
    users("name ends with a hyphen", "name", "found 'users-'; use up to", name="users-"),
    users("name is a number", "name", "found 5; use up to", name=5),
    users("name that means no service", "name", "the name 'none' is reserved", name="none"),
    users("name is a list", "name", "found a list; give a text", name=["users"]),
    users(
        "two services with one name",
        "name",
        "'posts' is also the name at services/posts/manifest.yml: name; give each",
        name="posts",
    ),
    users(
        "another type",
        "type",
        "the type 'Static Site' is not supported; it is a bucket behind CloudFront, not a container: create "
        "it yourself, and exclude it: add users to strangler:exclude",
        type="Static Site",
    ),
    users("a type of App Runner", "type", "services.users.as load-balanced` runs", type="Request-Driven Web Service"),
    Bad(
        "addons of what is no service of Copilot's",
        (f"{C}services.users.addons: no addons; remove it: only a service of a Copilot workspace has addons",),
        {"services": {"users": {"addons": "x"}}},
    ),
    Bad(
        "as another type than it is",
        (f"{C}services.users.as: a Load Balanced Web Service runs", "remove it"),
        {"services": {"users": {"as": "x"}}},
    ),
    users(
        "a backend's alias without a port",
        "network.connect.alias",
        "a name without a port; write image.port",
        type="Backend Service",
        image={"build": "services/users/Dockerfile"},
        network={"connect": {"alias": "api"}},
        http=None,
    ),
    users(
        "an unknown type",
        "type",
        "unknown type 'Web Service'; write one of Load Balanced Web Service",
        type="Web Service",
    ),
    users("image is a text", "image", "found 'nginx'; give a map", image="nginx"),
    users(
        "image without a port",
        "image.port",
        "missing; write the port that",
        image={"build": "services/users/Dockerfile"},
    ),
    _image("port 0 in a manifest", "image.port", "found 0; give a whole number from 1 to 65535", port=0),
    _image("port with a protocol", "image.port", "found '3000/tcp'; give a whole number", port="3000/tcp"),
    _image("port is a list", "image.port", "found a list; give a whole number", port=[3000]),
    users(
        "neither build nor location",
        "image",
        "neither build nor location; write build: services/users/Dockerfile",
        image={"port": 3000},
    ),
    *(
        users(
            f"the image {name!r}",
            "image.location",
            f"found '{name}'; give an image's",
            image={"location": name, "port": 80},
        )
        for name in (
            "will be injected by the pipeline",
            "users:",
            "https://example.com/users",
            "users@sha256:1",
        )
    ),
    *(
        users(f"the image {name}", "image.location", "give an image's reference", image={"location": name, "port": 80})
        for name in ("users:${TAG:-latest}", "users:\\${TAG}")
    ),
    _image("both build and location", "image", "both build and location; keep one of them", location="users:1"),
    _image(
        "build without a file",
        "image.build",
        "no Dockerfile at Dockerfile.prod; give the path relative to the project",
        build="Dockerfile.prod",
    ),
    _image(
        "build by a path from the service's folder",
        "image.build",
        "no Dockerfile at Dockerfile; give the path",
        build="./Dockerfile",
    ),
    _image("build is empty", "image.build", "found ''; give the Dockerfile's path", build=""),
    _image("build is a list", "image.build", "found a list; give the Dockerfile's path", build=["Dockerfile"]),
    _image(
        "context without a folder",
        "image.build.context",
        "no folder apps/users; give the path",
        build={"dockerfile": "services/users/Dockerfile", "context": "apps/users"},
    ),
    _image("args is a list", "image.build.args", "found a list; give a map", build={"args": ["A=1"]}),
    _image("cache_from is a text", "image.build.cache_from", "found 'base'; give a list", build={"cache_from": "base"}),
    users(
        "location is empty", "image.location", "found ''; give an image's reference", image={"location": "", "port": 80}
    ),
    _image(
        "healthcheck of the container is a path",
        "image.healthcheck",
        "found '/health'; give a map",
        healthcheck="/health",
    ),
    _image(
        "healthcheck's command without CMD",
        "image.healthcheck.command",
        "found a list; begin the list with CMD or CMD-SHELL",
        healthcheck={"command": ["curl", "localhost"]},
    ),
    _image(
        "healthcheck's command is a number",
        "image.healthcheck.command",
        "found 1; give a string or a list",
        healthcheck={"command": 1},
    ),
    _image(
        "healthcheck's interval without unit",
        "image.healthcheck.interval",
        "found 10; give a duration in whole seconds from 5s to 300s, such as 10s",
        healthcheck={"interval": 10},
    ),
    _image(
        "healthcheck's retries too many",
        "image.healthcheck.retries",
        "found 11; give a whole number from 1 to 10",
        healthcheck={"retries": 11},
    ),
    _image(
        "healthcheck's timeout too short",
        "image.healthcheck.timeout",
        "found '1s'; give a duration",
        healthcheck={"timeout": "1s"},
    ),
    _image(
        "healthcheck's start too long",
        "image.healthcheck.start_period",
        "found '10m'; give a duration",
        healthcheck={"start_period": "10m"},
    ),
    users("http is false and nothing else", "http", "found false, and no nlb; write http: with a path", http=False),
    users("http is a path", "http", "found 'api/users'; give a map with path", http="api/users"),
    users(
        "http without a path",
        "http.path",
        "missing; write the path that the service serves",
        http={"healthcheck": "/"},
    ),
    users("http.path is empty", "http.path", "found ''; write the path that the service serves", http={"path": ""}),
    users("http.path is a list", "http.path", "found a list; give a text", http={"path": ["a", "b"]}),
    users(
        "http.path with a wildcard",
        "http.path",
        "the path '/api/*/a' has the segment '*'",
        http={"path": "api/*/a"},
    ),
    users(
        "http.path of another service",
        "http.path",
        "the path /api/posts is used twice for all methods; the route posts already has it",
        http={"path": "api/posts"},
    ),
    _http("health path without slash", "http.healthcheck", "found 'health'; write /health", healthcheck="health"),
    _http(
        "health path in a map without slash",
        "http.healthcheck.path",
        "found 'health'; write /health",
        healthcheck={"path": "health"},
    ),
    _http("healthcheck is a number", "http.healthcheck", "found 200; give a path, or a map", healthcheck=200),
    _http(
        "success codes out of range",
        "http.healthcheck.success_codes",
        "found '200-599'; give codes from 200 to 499",
        healthcheck={"success_codes": "200-599"},
    ),
    _http(
        "success codes as a list",
        "http.healthcheck.success_codes",
        "found a list; give",
        healthcheck={"success_codes": [200, 301]},
    ),
    _http(
        "healthy threshold 1",
        "http.healthcheck.healthy_threshold",
        "found 1; give a whole number from 2 to 10",
        healthcheck={"healthy_threshold": 1},
    ),
    _http(
        "unhealthy threshold 11",
        "http.healthcheck.unhealthy_threshold",
        "found 11; give a whole number from 2 to 10",
        healthcheck={"unhealthy_threshold": 11},
    ),
    _http(
        "health interval in words",
        "http.healthcheck.interval",
        "found 'often'; give a duration in whole seconds from 5s to 300s, such as 30s",
        healthcheck={"interval": "often"},
    ),
    _http(
        "health interval with a fraction",
        "http.healthcheck.interval",
        "found '7500ms'; give a duration in whole seconds",
        healthcheck={"interval": "7500ms"},
    ),
    _http(
        "health timeout as long as the interval",
        "http.healthcheck.timeout",
        "found 30s; give less than the interval, 30s",
        healthcheck={"timeout": "30s"},
    ),
    _http(
        "health timeout with a blank",
        "http.healthcheck.timeout",
        "found '5 s'; give a duration",
        healthcheck={"timeout": "5 s"},
    ),
    _http(
        "health port out of range",
        "http.healthcheck.port",
        "found 70000; give a whole number",
        healthcheck={"port": 70000},
    ),
    _http(
        "grace period negative",
        "http.healthcheck.grace_period",
        "found '-5s'; give a duration",
        healthcheck={"grace_period": "-5s"},
    ),
    _http(
        "deregistration delay over an hour",
        "http.deregistration_delay",
        "found '2h'; give a duration in whole seconds from 0s to 3600s",
        deregistration_delay="2h",
    ),
    _http("stickiness is a word", "http.stickiness", "found 'always'; give true or false", stickiness="always"),
    _http("target port is a word", "http.target_port", "found 'http'; give a whole number", target_port="http"),
    Bad(
        "an unknown key under strict",
        (f"{M}: http.helthcheck: unknown key; did you mean healthcheck?",),
        {"strict": True},
        {"users": manifest("users", http={"path": "api/users", "helthcheck": "/"})},
    ),
    Bad(
        "a name in config for a service whose manifest is broken is no second mistake",
        (f"{M}:1: invalid YAML: ",),
        {"routes": "users", "services": {"users": {"count": 2}}, "environments": {"users": {}}},
        {"users": "a: b: c"},
    ),
]
