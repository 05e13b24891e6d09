"""Bad input in the config of a stack, on any platform."""

from tests.projects import DIGEST, Tree, manifest
from tests.pure.bad import Bad, C, config

_FORMS = "give true, false, a weight from 0 to 100, a service's name, or a map"

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ops"
TOLD: Tree = {"topic": TOPIC}
JOB: Tree = {
    "name": "purge",
    "type": "Scheduled Job",
    "image": {"location": f"purge@{DIGEST}"},
    "on": {"schedule": "@daily"},
}

CASES = [
    config("unknown key", "shade", "red", "shade: unknown key; known: alarms, allowMutableTags, copilot"),
    config("misspelt key", "defualt", "monolith", "defualt: unknown key; did you mean default?"),
    config("key in other case", "Routes", {}, "Routes: unknown key; did you mean routes?"),
    Bad("no platform", (f"{C}platform: missing; give aws or local",), {"platform": None}),
    config("unknown platform", "platform", "azure", "platform: found 'azure'; give aws or local"),
    config("empty platform", "platform", "", "platform: found ''; give aws or local"),
    config("unknown facade", "facade", "nginx", "facade: found 'nginx'; give refactor-spaces, api-gateway or alb"),
    config("port is a word", "port", "http", "port: found 'http'; give a whole number from 1 to 65535"),
    config("port 0", "port", 0, "port: found 0; give a whole number from 1 to 65535"),
    config("port too large", "port", 65536, "port: found 65536; give a whole number from 1 to 65535"),
    config("port is a truth value", "port", True, "port: found true; give a whole number"),
    config("strict is a word", "strict", "always", "strict: found 'always'; give true or false"),
    config("deleteImages is a number", "deleteImages", 1, "deleteImages: found 1; give true or false"),
    config(
        "allowMutableTags is a word",
        "allowMutableTags",
        "always",
        "allowMutableTags: found 'always'; give true or false",
    ),
    config("alarms is true", "alarms", True, "alarms: found true; give {topic: <ARN>} or {email: <address>}, or false"),
    config("alarms is an address", "alarms", "ops@example.com", "alarms: found 'ops@example.com'; give {topic: <ARN>}"),
    config("alarms tell nobody", "alarms", {"errors": 5}, "alarms: neither topic nor email; give {topic: <ARN>} or"),
    config(
        "alarms tell a topic and an address",
        "alarms",
        {"topic": TOPIC, "email": "ops@example.com"},
        "alarms: both topic and email; give {topic: <ARN>} or",
    ),
    config(
        "alarms has an unknown key", "alarms", {**TOLD, "erors": 5}, "alarms.erors: unknown key; did you mean errors?"
    ),
    config(
        "a topic's name for its ARN",
        "alarms",
        {"topic": "ops"},
        "alarms.topic: found 'ops'; give the ARN of a standard topic: arn:aws:sns:<region>:<12 digits>:<name>",
    ),
    config(
        "a FIFO topic for alarms",
        "alarms",
        {"topic": f"{TOPIC}.fifo"},
        f"alarms.topic: found '{TOPIC}.fifo'; give the ARN of a standard topic",
    ),
    config(
        "an address without a domain for alarms",
        "alarms",
        {"email": "ops@localhost"},
        "alarms.email: found 'ops@localhost'; give an address such as ops@example.com",
    ),
    config(
        "a share of errors over all",
        "alarms",
        {**TOLD, "errors": 101},
        "alarms.errors: found 101; give a number from 0 to 100",
    ),
    config(
        "a share of errors with a percent sign",
        "alarms",
        {**TOLD, "errors": "5%"},
        "alarms.errors: found '5%'; give a number from 0 to 100",
    ),
    config(
        "a latency without a unit",
        "alarms",
        {**TOLD, "latency": 3},
        "alarms.latency: found 3; give a duration from 1ms to 1h, such as 800ms or 3s",
    ),
    config(
        "a latency of hours",
        "alarms",
        {**TOLD, "latency": "2h"},
        "alarms.latency: found '2h'; give a duration from 1ms to 1h",
    ),
    config(
        "a negative number of unhealthy tasks",
        "alarms",
        {**TOLD, "unhealthy": -1},
        "alarms.unhealthy: found -1; give a whole number from 0 to 1000",
    ),
    config(
        "alarms judge a minute without requests",
        "alarms",
        {**TOLD, "requests": 0},
        "alarms.requests: found 0; give a whole number from 1 to 1000000",
    ),
    config(
        "alarms wait for hours",
        "alarms",
        {**TOLD, "minutes": 61},
        "alarms.minutes: found 61; give a whole number from 1 to 60",
    ),
    config(
        "rollback by alarms is a word",
        "alarms",
        {**TOLD, "rollback": "sometimes"},
        "alarms.rollback: found 'sometimes'; give true or false",
    ),
    config("dashboard is a name", "dashboard", "board", "dashboard: found 'board'; give true or false"),
    config("keepReleases is 0", "keepReleases", 0, "keepReleases: found 0; give a whole number from 1 to 1000"),
    config(
        "unknown default",
        "default",
        "monlith",
        "default: unknown service 'monlith'; give none, or a service: did you mean monolith?",
    ),
    config("empty default", "default", "", "default: unknown service ''; give none, or a service"),
    config("default is a list", "default", ["monolith"], "default: found a list; give none, or one of monolith, posts"),
    config("default is a map", "default", {}, "default: found a map; give none, or one of"),
    Bad(
        "no default, and no service at the root",
        (f"{C}default: not given, and no service could answer the path /; give none, or one of monolith, posts, ",),
        manifests={"monolith": manifest("monolith", "all")},
    ),
    Bad(
        "no default, and two services at the root",
        (f"{C}default: not given, and monolith and users could answer the path /; give none, or one of",),
        manifests={"users": manifest("users", "/")},
    ),
    config(
        "routes is broken JSON",
        "routes",
        '{"users": tru}',
        "routes: invalid JSON: Expecting value at character 11",
        "fix the text",
    ),
    config(
        "routes is cut off", "routes", '{"users": true', "routes: invalid JSON: Expecting ',' delimiter at character 15"
    ),
    config("routes in single quotes", "routes", "{'users': true}", "routes: invalid JSON: Expecting property name"),
    config("routes is an open list", "routes", '["users"', "routes: invalid JSON: "),
    config("routes is an open text", "routes", '"users', "routes: invalid JSON: Unterminated string", "fix the text"),
    config(
        "routes has a key twice",
        "routes",
        '{"users": true, "users": false}',
        "routes: duplicate key users; keep one",
    ),
    Bad(
        "services is cut off, and others name what it would have named",
        (f"{C}services: invalid JSON: Expecting ',' delimiter at character 49",),
        {"services": '{"legacy": {"url": "https://legacy.example.com"}', "default": "legacy"},
    ),
    config(
        "alarms has broken JSON inside", "alarms", {"topic": "{"}, "alarms.topic: invalid JSON: Expecting property name"
    ),
    config("routes nests thousands of lists", "routes", "[" * 100_000, "routes: unreadable JSON"),
    config(
        "routes names an unknown route",
        "routes",
        "user",
        "routes: unknown route 'user'; name a route: did you mean users?",
    ),
    config(
        "routes lists an unknown route",
        "routes",
        ["user"],
        "routes[0]: unknown route 'user'; name a route: did you mean users?",
    ),
    config("routes lists one twice", "routes", "users,posts,users", "routes: duplicate route 'users'; remove one"),
    config(
        "routes lists the default",
        "routes",
        "monolith",
        "routes: unknown route 'monolith'; the default service gets what no route matches,",
    ),
    config("routes lists a map", "routes", [{"users": True}], "routes[0]: found a map; give a text"),
    config("routes is a number", "routes", 5, "routes: unknown route '5'; name a route: known: posts, threads, users"),
    config("a route is a fraction", "routes", {"users": 2.5}, f"routes.users: found 2.5; {_FORMS}"),
    config("a route is a list", "routes", {"users": ["GET"]}, f"routes.users: found a list; {_FORMS}"),
    config("a route is an empty text", "routes", {"users": ""}, f"routes.users: found ''; {_FORMS}"),
    config("weight 101", "routes", {"users": 101}, "routes.users: found 101; give a whole number from 0 to 100"),
    config(
        "weight 101 as text", "routes", {"users": "101"}, "routes.users: found 101; give a whole number from 0 to 100"
    ),
    config("weight -1", "routes", {"users": -1}, "routes.users: found -1; give a whole number from 0 to 100"),
    config(
        "weight with a percent sign",
        "routes",
        {"users": "25%"},
        "routes.users: found '25%'; write 25",
    ),
    config("a word of YAML's for a route", "routes", {"users": "on"}, "routes.users: found 'on'; write true"),
    config("a boolean in capitals", "routes", {"users": "FALSE"}, "routes.users: found 'FALSE'; write false"),
    config("a weight with blanks", "routes", {"users": " 50 "}, "routes.users: found ' 50 '; write 50"),
    config(
        "weight in a map is too large",
        "routes",
        {"users": {"weight": 200}},
        "routes.users.weight: found 200; give a whole number",
    ),
    config(
        "weight and active",
        "routes",
        {"users": {"weight": 5, "active": True}},
        "routes.users: found both active and weight; give one",
    ),
    config(
        "active is a number", "routes", {"users": {"active": 1}}, "routes.users.active: found 1; give true or false"
    ),
    config(
        "children is a word",
        "routes",
        {"users": {"children": "never"}},
        "routes.users.children: found 'never'; give true or false",
    ),
    config(
        "unknown key of a route",
        "routes",
        {"users": {"paths": "/a"}},
        "routes.users.paths: unknown key; did you mean path?",
    ),
    config(
        "unknown service of a route",
        "routes",
        {"users": "post"},
        "routes.users: unknown service 'post'; did you mean posts?",
    ),
    config(
        "unknown service in a map",
        "routes",
        {"users": {"service": "post"}},
        "routes.users: unknown service 'post'; did you mean posts?",
    ),
    config(
        "unknown route with true",
        "routes",
        {"user": True},
        "routes.user: unknown route 'user'; did you mean users? A route that isn't named after a service needs a map",
    ),
    config(
        "route of a name like no other",
        "routes",
        {"search": True},
        "routes.search: unknown route 'search'; known: monolith, posts, threads, users. A route that isn't named",
    ),
    config(
        "route of the default with true",
        "routes",
        {"monolith": True},
        "routes.monolith: unknown route 'monolith'; the default service",
    ),
    config(
        "new route without service",
        "routes",
        {"fresh": {"path": "/a"}},
        "routes.fresh.service: missing; give the service",
    ),
    config(
        "new route without path", "routes", {"fresh": {"service": "users"}}, "routes.fresh.path: missing; give the path"
    ),
    config(
        "route's name with blanks",
        "routes",
        {"my route": {"path": "/a", "service": "users"}},
        "routes.my route: the route's name 'my route'; use up to 40",
    ),
    config(
        "route's name too long",
        "routes",
        {"r" * 41: {"path": "/a", "service": "users"}},
        "use up to 40 letters, digits, - and _, starting with a letter",
    ),
    config(
        "path without slash",
        "routes",
        {"users": {"path": "api/users"}},
        "routes.users: the path 'api/users' does not begin with /; write /api/users",
    ),
    config(
        "path with a slash at the end",
        "routes",
        {"users": {"path": "/api/users/"}},
        "routes.users: the path '/api/users/' ends with /; write /api/users:",
    ),
    config(
        "path is the root",
        "routes",
        {"users": {"path": "/"}},
        "routes.users: the path / belongs to the default service; write a path below it",
    ),
    config(
        "path with an empty segment",
        "routes",
        {"users": {"path": "/api//users"}},
        "routes.users: the path '/api//users' has an empty segment; write single",
    ),
    config(
        "path with a wildcard",
        "routes",
        {"users": {"path": "/api/*"}},
        "routes.users: the path '/api/*' ends with /*; write /api: everything below it is matched",
    ),
    config(
        "path with a query",
        "routes",
        {"users": {"path": "/api?a=1"}},
        "has the segment 'api?a=1'; write letters, digits",
    ),
    config(
        "path with dots",
        "routes",
        {"users": {"path": "/api/../users"}},
        "has the segment '..'; write the path that it resolves to",
    ),
    config(
        "path too long",
        "routes",
        {"users": {"path": "/" + "a" * 200}},
        "routes.users: the path has 201 characters; use at most 128",
    ),
    config(
        "path is a list",
        "routes",
        {"users": {"path": ["/a"]}},
        "routes.users.path: found a list; give a path such as /api/users",
        lines=1,
    ),
    config(
        "methods is a text", "routes", {"users": {"methods": "GET"}}, "routes.users.methods: found 'GET'; give a list"
    ),
    config(
        "methods is empty",
        "routes",
        {"users": {"methods": []}},
        "routes.users.methods: an empty list; remove it to match all methods",
    ),
    config(
        "method in lower case",
        "routes",
        {"users": {"methods": ["get"]}},
        "routes.users.methods[0]: unknown method 'get'; write GET",
    ),
    config(
        "methods has a list in it",
        "routes",
        {"users": {"methods": [["GET"]]}},
        "routes.users.methods[0]: found a list; known methods: DELETE",
    ),
    config(
        "unknown method",
        "routes",
        {"users": {"methods": ["GET", "FETCH"]}},
        "routes.users.methods[1]: unknown method 'FETCH'; known methods: DELETE",
    ),
    config(
        "method twice",
        "routes",
        {"users": {"methods": ["GET", "GET"]}},
        "routes.users.methods[1]: duplicate method GET; remove one",
    ),
    config(
        "one path twice",
        "routes",
        {"users": {"path": "/api/posts"}},
        "routes.users: the path /api/posts is used twice for all methods; the route posts already has it",
    ),
    config(
        "overlapping methods",
        "routes",
        {
            "a": {"path": "/x", "service": "users", "methods": ["GET", "PUT"]},
            "b": {"path": "/x", "service": "posts", "methods": ["PUT", "POST"]},
        },
        "routes.b: the path /x is used twice for PUT; the route a already has it: change one of their paths",
    ),
    config("services is a list", "services", ["users"], "services: found a list; give a map"),
    config("services is a text", "services", "users", "services: found 'users'; give a map"),
    config("unknown service", "services", {"user": {}}, "services.user: unknown service 'user'; did you mean users?"),
    config(
        "open quotes in a command",
        "services",
        {"users": {"before": "rake 'db:migrate"}},
        'services.users.before: found "rake \'db:migrate": no closing quotation; close the quotes',
    ),
    config(
        "a command of blanks",
        "services",
        {"users": {"before": " "}},
        "services.users.before: found ' '; give a command",
    ),
    config(
        "a command as a list",
        "services",
        {"users": {"before": ["rake", "db:migrate"]}},
        "services.users.before: found a list; give a command, such as rake db:migrate",
    ),
    Bad(
        "a command before a job",
        (f"{C}services.purge.before: found 'rake db:migrate'; remove it",),
        {"services": {"purge": {"before": "rake db:migrate"}}},
        {"purge": JOB},
    ),
    config("a service is a number", "services", {"users": 2}, "services.users: found 2; give a map"),
    config(
        "unknown key of a service",
        "services",
        {"users": {"cuont": 2}},
        "services.users.cuont: unknown key; did you mean count?",
    ),
    config(
        "count is a word",
        "services",
        {"users": {"count": "two"}},
        "services.users.count: found 'two'; give a whole number from 0 to 5000",
    ),
    config(
        "count is negative",
        "services",
        {"users": {"count": -1}},
        "services.users.count: found -1; give a whole number from 0",
    ),
    config(
        "count is a map",
        "services",
        {"users": {"count": {"range": "1-2"}}},
        "services.users.count: found a map; give a whole number",
    ),
    config(
        "image with a variable of the shell",
        "services",
        {"users": {"image": "users:${TAG}"}},
        "services.users.image: found 'users:${TAG}'; give an image's reference",
    ),
    config(
        "image is empty",
        "services",
        {"users": {"image": ""}},
        "services.users.image: found ''; give an image's reference",
    ),
    config(
        "image is a map",
        "services",
        {"users": {"image": {"tag": "1"}}},
        "services.users.image: found a map; give an image's reference",
    ),
    config(
        "timeout is a number",
        "services",
        {"users": {"timeout": 60}},
        "services.users.timeout: found 60; give a duration in whole seconds from 30s to 86400s, such as 60s",
    ),
    config(
        "timeout is too short",
        "services",
        {"users": {"timeout": "5s"}},
        "services.users.timeout: found '5s'; give a duration",
    ),
    config(
        "environment in upper case",
        "services",
        {"users": {"environment": "Shared"}},
        "services.users.environment: found 'Shared'; use up to 40 lower-case",
    ),
    config(
        "environment is empty",
        "services",
        {"users": {"environment": ""}},
        "services.users.environment: found ''; use up to 40 lower-case",
    ),
    config(
        "environment is a map",
        "services",
        {"users": {"environment": {}}},
        "services.users.environment: found a map; use up to 40 lower-case",
    ),
    config(
        "two policies that are none",
        "services",
        {"users": {"policies": ["x", "x"]}},
        "services.users.policies[0]: found 'x'; give the ARN of a managed policy",
        f"{C}services.users.policies[1]: found 'x'; give the ARN of a managed policy",
        lines=2,
    ),
    config("environments is a list", "environments", ["users"], "environments: found a list; give a map"),
    config(
        "environment where nothing runs",
        "environments",
        {"user": {}},
        "environments.user: unknown environment 'user'; no service uses it: did you mean users?",
    ),
    config(
        "an environment is a text", "environments", {"users": "large"}, "environments.users: found 'large'; give a map"
    ),
    config(
        "unknown key of an environment",
        "environments",
        {"users": {"zone": 2}},
        "environments.users.zone: unknown key; did you mean zones?",
    ),
    config(
        "containerInsights is a word",
        "environments",
        {"users": {"containerInsights": "always"}},
        "environments.users.containerInsights: found 'always'; give true or false",
    ),
]
