"""Bad input in manifests, on any platform: size, count, environment of the container, network and overrides."""

from tests.projects import Tree
from tests.pure.bad import users


def topics(*listed: object) -> Tree:
    """What stands at `publish`."""
    return {"topics": list(listed)}


FILES: Tree = {"id": "fs-0a1b2c3d4e5f67890"}


def efs(**fields: object) -> Tree:
    """A volume at /x."""
    return {"path": "/x", "efs": fields}


VOLUMES: list[tuple[str, str, str, object]] = [
    ("no path", ".path", "missing; write the path in the container", {}),
    ("a path alone", "", "found '/data'; give a map", "/data"),
    ("a blank in its path", ".path", "found '/my data'; give a path of up to 241 letters", {"path": "/my data"}),
    ("an id as text", ".efs", "give true, or a map with the id of a file system", {"path": "/x", "efs": "fs-1"}),
    ("an empty map", ".efs", "an empty map; give true, or the id of a file system", efs()),
    ("no such id", ".efs.id", "found 'managed'; give a file system's id", efs(id="managed")),
    ("no id", ".efs.id", "missing; give a file system's id", efs(root_dir="/")),
    ("two forms", ".efs", "both forms; give uid and gid, or id", efs(**FILES, uid=1, gid=1)),
    ("a user without a group", ".efs.gid", "missing; write it together with uid", efs(uid=1)),
    ("the owner root", ".efs.uid", "found 0; give a whole number from 1", efs(uid=0, gid=0)),
    (
        "no such access point",
        ".efs.auth.access_point_id",
        "give an access point's id",
        efs(**FILES, auth={"iam": True, "access_point_id": "x"}),
    ),
    (
        "an access point without IAM",
        ".efs.auth.iam",
        "found false; write iam: true, or remove access_point_id",
        efs(**FILES, auth={"iam": False, "access_point_id": "fsap-0a1b2c3d4e5f67890"}),
    ),
    (
        "an access point and a directory",
        ".efs.root_dir",
        "remove it: the access point has its own directory",
        efs(**FILES, root_dir="/a", auth={"access_point_id": "fsap-0a1b2c3d4e5f67890"}),
    ),
]
"""What is wrong, where and what is said of it."""

OVERRIDES: list[tuple[str, str, str, object]] = [
    ("a text", "", "found 'Cpu'; give a map", "Cpu"),
    ("no path", ".path", "missing; write a path such as ContainerDefinitions[0].Ulimits[-]", {"value": 1}),
    ("a path alone", ".value", "missing; write the value to put there", {"path": "Cpu"}),
    ("a path with slashes", ".path", "give names separated by dots", {"path": "/ContainerDefinitions/0", "value": 1}),
    ("the family", ".path", "remove it: others refer to the task definition", {"path": "Family", "value": "x"}),
    (
        "a container's name",
        ".path",
        "remove it: others refer to the task definition and its containers by these names",
        {"path": "ContainerDefinitions[0].Name", "value": "x"},
    ),
    ("a role", ".path", "give ContainerDefinitions[n].… or Cpu, Memory", {"path": "TaskRoleArn", "value": "x"}),
    ("volumes", ".path", "found 'Volumes[-]'; write storage.volumes", {"path": "Volumes[-]", "value": {"Name": "x"}}),
    ("the whole list", ".path", "give ContainerDefinitions[n].…", {"path": "ContainerDefinitions", "value": []}),
    ("the size by a word", ".value", "found 'big'; give a whole number", {"path": "Memory", "value": "big"}),
    ("the size by half", ".value", "found 300; give one of 256, 512", {"path": "Cpu", "value": 300}),
    ("processes of the host", ".value", "found 'host'; give task", {"path": "PidMode", "value": "host"}),
    (
        "the storage that is there anyway",
        ".value",
        "found 20; give a whole number from 21 to 200 GiB",
        {"path": "EphemeralStorage.SizeInGiB", "value": 20},
    ),
]
"""What is wrong, where and what is said of it."""

CASES = [
    users("cpu in vCPUs", "cpu", "found 1; give a whole number from 256 to 16384", cpu=1),
    users(
        "cpu that Fargate doesn't have",
        "cpu",
        "Fargate has no task of 300 CPU units and 512 MiB; give a cpu of 256, 512",
        cpu=300,
    ),
    users("memory in words", "memory", "found '1GB'; give a whole number from 512 to 122880", memory="1GB"),
    users(
        "memory too small for the cpu",
        "cpu",
        "Fargate has no task of 1024 CPU units and 512 MiB; with cpu: 1024, give 2048 to 8192",
        cpu=1024,
    ),
    users(
        "memory too large for the cpu",
        "memory",
        "Fargate has no task of 256 CPU units and 4096 MiB; with cpu: 256, give 512, 1024 or 2048",
        memory=4096,
    ),
    users(
        "platform Windows",
        "platform",
        "found 'windows/x86_64'; give linux/x86_64 or linux/arm64",
        platform="windows/x86_64",
    ),
    users(
        "platform of another machine",
        "platform",
        "found 'linux/riscv64'; give linux/x86_64",
        platform={"architecture": "riscv64"},
    ),
    users("platform is a list", "platform", "found a list; give linux/x86_64 or linux/arm64", platform=["linux"]),
    users("count in words", "count", "found 'two'; give a whole number from 0 to 5000", count="two"),
    users("count is negative in a manifest", "count", "found -1; give a whole number", count=-1),
    users(
        "count of App Runner", "count", "found 'high-availability/3'; give a whole number", count="high-availability/3"
    ),
    users(
        "range without a metric",
        "count",
        "found a range without a metric; add a metric to the range",
        count={"range": "1-10"},
    ),
    *(
        users(
            f"response time of {written!r}",
            "count.response_time",
            f"found {written!r}; give a duration of more than 0s and up to 4000s, such as 500ms or 2s",
            count={"range": "1-2", "response_time": written},
        )
        for written in (2, "fast", "0s", "2h")
    ),
    users(
        "rollback by an alarm without a name",
        "deployment.rollback_alarms[0]",
        "found ''; give the name of a CloudWatch alarm",
        deployment={"rollback_alarms": [""]},
    ),
    users(
        "rollback alarms in a text",
        "deployment.rollback_alarms",
        "found 'errors'; give a list",
        deployment={"rollback_alarms": "errors"},
    ),
    users(
        "rollback at more than everything",
        "deployment.rollback_alarms.cpu_utilization",
        "found 101; give a number from 1 to 100",
        deployment={"rollback_alarms": {"cpu_utilization": 101}},
    ),
    *(
        users(f"traces to {said}", "observability.tracing", f"found {said}; give awsxray", observability=tracing)
        for said, tracing in (("'jaeger'", {"tracing": "jaeger"}), ("true", {"tracing": True}))
    ),
    users("topic without a name", "publish.topics[0].name", "missing; write the topic's name", publish=topics({})),
    users(
        "topic with a dot",
        "publish.topics[0].name",
        "found 'orders.fifo'; give 1 to 200 letters, digits, - and _",
        publish=topics({"name": "orders.fifo"}),
    ),
    users(
        "one topic twice",
        "publish.topics[1].name",
        "duplicate topic a; give each topic its own name",
        publish=topics({"name": "a"}, {"name": "a", "fifo": False}),
    ),
    users(
        "topic in order, in words",
        "publish.topics[0].fifo",
        "found 'always'; give true or false",
        publish=topics({"name": "a", "fifo": "always"}),
    ),
    users("topic by its name alone", "publish.topics[0]", "found 'orders'; give a map", publish=topics("orders")),
    users("metric without a range", "count", "no range; write range: 1-10", count={"cpu_percentage": 70}),
    users(
        "spot beside a range",
        "count",
        "found spot together with a range or a metric; give spot alone",
        count={"spot": 1, "range": "1-2"},
    ),
    users(
        "range the wrong way round",
        "count.range",
        "found '10-1'; give two numbers from 0 to 5000",
        count={"range": "10-1", "cpu_percentage": 1},
    ),
    users("range is a number", "count.range", "found 5; give two numbers", count={"range": 5, "cpu_percentage": 1}),
    users(
        "range without max", "count.range.max", "missing; write max:", count={"range": {"min": 1}, "cpu_percentage": 1}
    ),
    users(
        "percentage over 100",
        "count.cpu_percentage",
        "found 101; give a whole number from 1 to 100",
        count={"range": "1-2", "cpu_percentage": 101},
    ),
    users(
        "metric without a value",
        "count.requests.value",
        "missing; write value:",
        count={"range": "1-2", "requests": {"cooldown": {"in": "1s"}}},
    ),
    users(
        "cooldown of half a second",
        "count.cooldown.in",
        "found '60.5'; give a duration in whole seconds from 0s to 86400s, such as 30s",
        count={"range": "1-2", "cpu_percentage": 1, "cooldown": {"in": "60.5"}},
    ),
    users("exec is a word", "exec", "found 'always'; give true or false", exec="always"),
    users("command is a number", "command", "found 5; give a string or a list of words", command=5),
    users("command with an open quotation", "command", "close the quotes, or give a list", command="sh -c 'echo"),
    users("entrypoint of lists", "entrypoint[0]", "found a list; give a text", entrypoint=[["sh"]]),
    users("variables is a list", "variables", "found a list; give a map", variables=["A=1"]),
    users("a variable is a list", "variables.A", "found a list; give a text", variables={"A": ["1"]}),
    users(
        "a variable from an export without a name",
        "variables.A.from_cfn",
        "found ''; give the name of an export",
        variables={"A": {"from_cfn": ""}},
    ),
    users(
        "a shell variable that is not set",
        "variables.A",
        "the variable TAG is not set; export TAG, or write \\${TAG}",
        variables={"A": "v-${TAG}"},
    ),
    users(
        "a secret that is no name",
        "secrets.A",
        "found 'my secret'; give an SSM parameter's name",
        secrets={"A": "my secret"},
    ),
    users(
        "ephemeral storage too large",
        "storage.ephemeral",
        "found 500; give a whole number from 20 to 200 GiB",
        storage={"ephemeral": 500},
    ),
    *(
        users(f"volume with {what}", f"storage.volumes.data{place}", says, storage={"volumes": {"data": volume}})
        for what, place, says, volume in VOLUMES
    ),
    users(
        "volume with a name that ECS doesn't take",
        "storage.volumes.my data",
        "found the name 'my data'; give 1 to 255 letters",
        storage={"volumes": {"my data": {"path": "/x"}}},
    ),
    users(
        "two volumes in the environment's file system",
        "storage.volumes.b.efs",
        "a second volume in the environment's file system; give the others an id",
        storage={"volumes": {"a": {"path": "/a", "efs": True}, "b": {"path": "/b", "efs": True}}},
    ),
    *(
        users(f"override of {what}", f"taskdef_overrides[0]{place}", says, taskdef_overrides=[rule])
        for what, place, says, rule in OVERRIDES
    ),
    users("storage is a number", "storage", "found 30; give a map", storage=30),
    users(
        "retention that CloudWatch doesn't have",
        "logging.retention",
        "found 10; give one of 1, 3, 5, 7, 14, 30",
        logging={"retention": 10},
    ),
    users("network is a list", "network", "found a list; give a map", network=["public"]),
    users(
        "placement in subnets by name",
        "network.vpc.placement.subnets[0]",
        "found 'a'; give a subnet's id, such as subnet-0a1b2c3d",
        network={"vpc": {"placement": {"subnets": ["a"]}}},
    ),
    users("connect is a word", "network.connect", "found 'always'; give true or false", network={"connect": "always"}),
    users(
        "rolling is a map",
        "deployment.rolling",
        "found a map; give default or recreate",
        deployment={"rolling": {"x": 1}},
    ),
    users("environments is a list in a manifest", "environments", "found a list; give a map", environments=["test"]),
    users("an override is a text", "environments.test", "found 'small'; give a map", environments={"test": "small"}),
    users(
        "a mistake in an override",
        "environments.test.cpu",
        "found 'many'; give a whole number",
        environments={"test": {"cpu": "many"}},
    ),
]
