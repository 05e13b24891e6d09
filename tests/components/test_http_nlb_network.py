"""How a service on AWS is reached: what is made for each field of `http`, `nlb` and `network`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.components.recorder import Change, Record, Registration, as_asked
from tests.components.system import deployed
from tests.projects import manifest
from tests.pure.bad_http_nlb import CERTIFICATE

ZONE = "Z0123456789ABC"
ENVIRONMENT: Mapping[str, object] = {"certificates": [CERTIFICATE], "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
HOSTED = [{"name": "users.example.com", "hosted_zone": ZONE}]
HOSTED_NLB = [{"name": "nlb.example.com", "hosted_zone": ZONE}]


def option(kind: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
    """What AWS adds to a certificate: the record that shows whose name it is."""
    if kind == "aws:acm/certificate:Certificate":
        check = {
            "resourceRecordName": f"_check.{name}",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "_check.aws",
        }
        return {**state, "domainValidationOptions": [check]}
    return {**state, "zoneId": "ZELB"} if kind == "aws:lb/loadBalancer:LoadBalancer" else state


def reached(
    folder: Path,
    http: Mapping[str, object] | bool | None = None,
    environment: Mapping[str, object] | None = None,
    facade: str = "refactor-spaces",
    change: Change = option,
    **fields: object,
) -> Record:
    """A stack of a monolith and the service users, with these fields of `http` and settings of its environment."""
    own = {"path": "api/users", **http} if isinstance(http, Mapping) else http
    users = manifest("users", **({} if own is None else {"http": own}), **fields)
    name = "shared" if facade == "alb" else "users"
    config = {"facade": facade, **({"environments": {name: environment}} if environment else {})}
    return deployed(folder, {"monolith": manifest("monolith", "/"), "users": users}, config, change)


def rules(record: Record, host: str | None = None) -> list[Registration]:
    """The listener rules of the service users, or those for a host name."""
    found = [rule for rule in record.of("ListenerRule") if "users" in rule.name]
    return [rule for rule in found if host is None or host in str(rule.inputs["conditions"])]


def conditions(rule: Registration) -> dict[str, list[str]]:
    return {
        kind: value["values"] for condition in rule.inputs["conditions"] for kind, value in condition.items() if value
    }


def service(record: Record) -> Mapping[str, Any]:
    return record.one("aws:ecs/service:Service", "users").inputs


def test_an_alias_with_the_environments_certificate_is_a_rule_on_port_443_and_a_redirect(tmp_path: Path) -> None:
    record = reached(tmp_path, {"alias": "Users.example.com"}, ENVIRONMENT)
    listener = record.one("Listener", "users-tls").inputs
    assert (listener["port"], listener["protocol"], listener["certificateArn"]) == (443, "HTTPS", CERTIFICATE)
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listener["defaultActions"][0]["fixedResponse"]["statusCode"] == "503"
    assert record.one("ListenerCertificate").inputs["certificateArn"] == CERTIFICATE
    assert record.one("SecurityGroupIngressRule", "users-tls-in").inputs["fromPort"] == 443
    plain, secure = sorted(rules(record, "users.example.com"), key=lambda rule: rule.name)
    expected = {"hostHeader": ["users.example.com"], "pathPattern": ["/api/users", "/api/users/*"]}
    assert conditions(plain) == conditions(secure) == expected
    assert secure.inputs["listenerArn"] == "arn:Listener/users-tls"
    assert secure.inputs["actions"][0]["targetGroupArn"] == "arn:TargetGroup/users"
    redirect = plain.inputs["actions"][0]["redirect"]
    assert (redirect["protocol"], redirect["port"], redirect["statusCode"]) == ("HTTPS", "443", "HTTP_301")
    (catch_all,) = [rule for rule in rules(record) if rule.name == "users"]
    assert plain.inputs["priority"] == secure.inputs["priority"] < catch_all.inputs["priority"]
    assert not record.of("aws:acm/certificate:Certificate")
    assert not record.of("aws:route53/record:Record")


def test_new_listeners_for_tls_have_a_current_policy_and_those_that_are_there_keep_theirs(tmp_path: Path) -> None:
    record = reached(tmp_path, {"alias": HOSTED}, {}, nlb={"port": "443/tls", "alias": HOSTED_NLB})
    for name in ("users-tls", "users-Nlb443tcp"):
        listener = record.one("Listener", name)
        assert listener.inputs["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
        assert list(listener.options.ignoreChanges) == ["sslPolicy"]
    asked = reached(tmp_path / "asked", {"alias": HOSTED}, {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
    assert list(asked.one("Listener", "users-tls").options.ignoreChanges) == []


def test_the_record_of_a_certificate_stays_as_others_of_its_name_are_renewed_by_it(tmp_path: Path) -> None:
    record = reached(tmp_path, {"alias": HOSTED}, {})
    assert record.one("Record", "users.example.com validation").options.retainOnDelete
    assert not record.one("Record", "users.example.com").options.retainOnDelete


def test_an_alias_without_a_certificate_stays_plain_beside_a_facade_that_has_one(tmp_path: Path) -> None:
    name = {"alb": {"domain": {"name": "www.example.com", "hostedZone": ZONE}}}
    manifests = {
        "monolith": manifest("monolith", "/"),
        "users": manifest("users", http={"path": "u", "alias": "a.example.com"}),
    }
    record = deployed(tmp_path, manifests, {"facade": "alb", "facadeSettings": name}, option)
    (rule,) = rules(record, "a.example.com")
    assert rule.inputs["listenerArn"] == "arn:Listener/shared"
    assert rule.inputs["actions"][0]["type"] == "forward"


def test_plain_http_at_an_alias_is_forwarded_where_the_manifest_says_so_or_nothing_is_secure(tmp_path: Path) -> None:
    kept = reached(tmp_path / "1", {"alias": ["users.example.com"], "redirect_to_https": False}, ENVIRONMENT)
    assert [rule.inputs["actions"][0]["type"] for rule in rules(kept, "users.example.com")] == ["forward", "forward"]
    plain = reached(tmp_path / "2", {"alias": ["users.example.com"]})
    (rule,) = rules(plain, "users.example.com")
    assert (rule.inputs["listenerArn"], rule.inputs["actions"][0]["type"]) == ("arn:Listener/users", "forward")


def test_complaint_18_a_listener_waits_until_its_certificate_is_valid(tmp_path: Path) -> None:
    def validated(kind: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
        if kind.endswith(":CertificateValidation"):
            return {**state, "certificateArn": "told by the validation"}
        return option(kind, name, state)

    record = reached(tmp_path, {"alias": HOSTED}, change=validated)
    assert record.one("Listener", "users-tls").inputs["certificateArn"] == "told by the validation"


def test_an_alias_in_a_hosted_zone_gets_a_certificate_and_a_record_once_the_service_is_ready(tmp_path: Path) -> None:
    record = reached(tmp_path, {"alias": HOSTED})
    certificate = record.one("aws:acm/certificate:Certificate").inputs
    assert (certificate["domainName"], certificate["validationMethod"]) == ("users.example.com", "DNS")
    shown = record.one("aws:route53/record:Record", "users.example.com validation").inputs
    assert (shown["zoneId"], shown["name"], shown["type"]) == (ZONE, "_check.users.example.com", "CNAME")
    assert shown["records"] == ["_check.aws"]
    assert record.one("CertificateValidation").inputs["certificateArn"] == "arn:Certificate/users.example.com"
    assert record.one("Listener", "users-tls").inputs["port"] == 443
    named = record.one("aws:route53/record:Record", "users.example.com")
    assert (named.inputs["zoneId"], named.inputs["type"]) == (ZONE, "A")
    alias = {"name": "users.elb", "zoneId": "ZELB", "evaluateTargetHealth": True}
    assert named.inputs["aliases"] == [alias]
    assert not named.inputs.get("allowOverwrite")
    assert [urn.rpartition("::")[2] for urn in named.options.dependencies if "ecs/service" in urn] == ["users"]


def test_a_zone_beside_the_alias_holds_for_all_names_that_have_none_of_their_own(tmp_path: Path) -> None:
    names = ["a.example.com", {"name": "b.example.com", "hosted_zone": "ZOTHER"}]
    record = reached(tmp_path, {"alias": ["a.example.com"], "hosted_zone": ZONE}, ENVIRONMENT)
    assert record.one("aws:route53/record:Record", "a.example.com").inputs["zoneId"] == ZONE
    record = reached(tmp_path, {"alias": names[1:], "hosted_zone": ZONE}, ENVIRONMENT)
    assert record.one("aws:route53/record:Record", "b.example.com").inputs["zoneId"] == "ZOTHER"


def test_more_names_than_one_rule_holds_are_divided(tmp_path: Path) -> None:
    names = [f"{letter}.example.com" for letter in "abcdef"]
    record = reached(tmp_path, {"alias": names}, ENVIRONMENT)
    secure = [rule for rule in rules(record, "example.com") if rule.name.endswith(" tls")]
    assert sorted(len(conditions(rule)["hostHeader"]) for rule in secure) == [3, 3]
    assert len({rule.inputs["priority"] for rule in secure}) == 2
    assert all(sum(map(len, conditions(rule).values())) <= 5 for rule in secure)


def test_services_of_one_load_balancer_share_a_name_by_their_paths(tmp_path: Path) -> None:
    record = deployed(
        tmp_path,
        {
            "monolith": manifest("monolith", http={"path": "/", "alias": HOSTED}),
            "users": manifest("users", http={"path": "api/users", "alias": HOSTED}),
        },
        {"facade": "alb"},
        option,
    )
    by_service = {
        name: next(rule for rule in record.of("ListenerRule") if rule.name == f"{name} users.example.com tls")
        for name in ("monolith", "users")
    }
    assert conditions(by_service["monolith"]) == {"hostHeader": ["users.example.com"]}
    assert by_service["users"].inputs["priority"] < by_service["monolith"].inputs["priority"]
    assert len(record.of("aws:acm/certificate:Certificate")) == 1
    named = record.one("aws:route53/record:Record", "users.example.com")
    waits = {urn.rpartition("::")[2] for urn in named.options.dependencies if "ecs/service" in urn}
    assert waits == {"monolith", "users"}
    facade = [rule for rule in record.of("ListenerRule") if "AlbFacade" in rule.parent]
    last_by_host = max(rule.inputs["priority"] for rule in by_service.values())
    assert last_by_host < min(rule.inputs["priority"] for rule in facade)


def test_an_alias_behind_an_internal_load_balancer_is_open_to_its_network_only(tmp_path: Path) -> None:
    record = reached(tmp_path, {"alias": HOSTED}, facade="api-gateway")
    assert record.one("SecurityGroupIngressRule", "users-internal-tls-in").inputs["cidrIpv4"].startswith("10.")


def test_versions_of_http_are_the_target_groups_and_are_reached_by_tls_only(tmp_path: Path) -> None:
    for version in ("grpc", "http2"):
        http = {"version": version.upper(), "alias": "users.example.com"}
        record = reached(tmp_path / version, http, ENVIRONMENT)
        group = record.one("TargetGroup", "users").inputs
        assert (group["protocolVersion"], group["protocol"]) == (version.upper(), "HTTP")
        assert group["healthCheck"]["matcher"] == ("12" if version == "grpc" else "200")
        forwards = [rule for rule in rules(record) if rule.inputs["actions"][0]["type"] == "forward"]
        assert [rule.inputs["listenerArn"] for rule in forwards] == ["arn:Listener/users-tls"]
        assert not [
            resource for resource in record.of("aws-native:refactorspaces:Service") if resource.name == "facade-users"
        ]
    plain = reached(tmp_path / "http1", {"protocolVersion": "http1"}).one("TargetGroup", "users").inputs
    assert plain["protocolVersion"] == "HTTP1"


def test_what_takes_requests_of_some_addresses_is_reached_by_its_alias_alone(tmp_path: Path) -> None:
    http = {"alias": "users.example.com", "allowed_source_ips": ["192.0.2.1", "10.0.0.0/8"]}
    for facade in ("alb", "refactor-spaces", "api-gateway"):
        record = reached(tmp_path / facade, http, ENVIRONMENT, facade)
        found = [conditions(rule) for rule in rules(record)]
        wanted = {
            "hostHeader": ["users.example.com"],
            "pathPattern": ["/api/users", "/api/users/*"],
            "sourceIp": ["192.0.2.1/32", "10.0.0.0/8"],
        }
        assert found == [wanted, wanted], "on port 443, and the way there on port 80"
        assert len([group for group in record.of("TargetGroup") if "users" in group.name]) == 1
    everybody = reached(tmp_path / "all", {**http, "allowed_source_ips": ["0.0.0.0/0"]}, ENVIRONMENT, "alb")
    assert all("sourceIp" not in conditions(rule) for rule in rules(everybody))
    assert len(rules(everybody)) > 2, "and it has a route"


def test_the_facade_alb_does_without_a_service_that_takes_requests_from_it(tmp_path: Path) -> None:
    http = {"path": "/", "alias": "users.example.com", "version": "http2"}
    users, audit = manifest("users", http=http), manifest("audit", http=False, nlb={"port": "80/tcp"})
    config = {"facade": "alb", "environments": {"shared": ENVIRONMENT}}
    record = deployed(tmp_path, {"users": users, "audit": audit}, config, option)
    found = {rule.name: conditions(rule) for rule in record.of("ListenerRule")}
    assert found.pop("facade-default") == {"pathPattern": ["/*"]}
    assert list(found.values()) == [{"hostHeader": ["users.example.com"]}] * 2
    assert [len(one.inputs["loadBalancers"]) for one in record.of("aws:ecs/service:Service")] == [1, 1]


def test_codes_of_grpc_are_those_that_the_manifest_gives(tmp_path: Path) -> None:
    http = {"version": "grpc", "alias": "users.example.com", "healthcheck": {"path": "/h", "success_codes": "0-99"}}
    check = reached(tmp_path, http, ENVIRONMENT).one("TargetGroup", "users").inputs["healthCheck"]
    assert (check["path"], check["matcher"]) == ("/h", "0-99")


def test_the_main_container_is_named_by_the_services_name(tmp_path: Path) -> None:
    (target,) = service(reached(tmp_path, {"target_container": "users"}))["loadBalancers"]
    assert (target["containerName"], target["containerPort"]) == ("users", 3000)


def test_a_further_rule_has_a_target_group_and_a_rule_of_its_own(tmp_path: Path) -> None:
    further = {"path": "admin", "target_port": 8081, "healthcheck": "/h", "stickiness": True}
    record = reached(tmp_path, {"additional_rules": [further]})
    group = record.one("TargetGroup", "users-Rule1").inputs
    assert (group["healthCheck"]["path"], group["stickiness"]["enabled"]) == ("/h", True)
    (rule,) = [rule for rule in rules(record) if rule.name == "users-Rule1"]
    assert conditions(rule) == {"pathPattern": ["/admin", "/admin/*"]}
    assert rule.inputs["actions"][0]["targetGroupArn"] == "arn:TargetGroup/users-Rule1"
    (catch_all,) = [rule for rule in rules(record) if rule.name == "users"]
    assert rule.inputs["priority"] < catch_all.inputs["priority"]
    ports = [(entry["targetGroupArn"], entry["containerPort"]) for entry in service(record)["loadBalancers"]]
    assert ports == [("arn:TargetGroup/users", 3000), ("arn:TargetGroup/users-Rule1", 8081)]


def test_a_further_rule_with_an_alias_stands_behind_the_facade_alb_too(tmp_path: Path) -> None:
    further = {"path": "/", "target_port": 8081, "alias": "admin.example.com"}
    record = reached(tmp_path, {"additional_rules": [further]}, facade="alb")
    (rule,) = rules(record, "admin.example.com")
    assert conditions(rule) == {"hostHeader": ["admin.example.com"]}


def test_a_network_load_balancer_listens_as_the_manifest_says(tmp_path: Path) -> None:
    nlb = {
        "port": "443/tls",
        "target_port": 3000,
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "deregistration_delay": "10s",
        "healthcheck": {"port": 3001, "healthy_threshold": 2, "unhealthy_threshold": 4, "interval": "10s"},
        "additional_listeners": [
            {"port": 8080, "stickiness": True, "healthcheck": {"timeout": "5s"}},
            {"port": "53/udp"},
        ],
    }
    record = reached(tmp_path, None, ENVIRONMENT, nlb=nlb)
    balancer = record.one("LoadBalancer", "users-Nlb").inputs
    assert (balancer["loadBalancerType"], balancer["internal"]) == ("network", False)
    assert balancer["subnets"] == ["users-public-1", "users-public-2"]
    listeners = {listener.name: listener.inputs for listener in record.of("Listener") if "Nlb" in listener.name}
    opened = {name: (listener["port"], listener["protocol"]) for name, listener in listeners.items()}
    assert opened == {"users-Nlb443tcp": (443, "TLS"), "users-Nlb8080tcp": (8080, "TCP"), "users-Nlb53udp": (53, "UDP")}
    secure = listeners["users-Nlb443tcp"]
    assert (secure["certificateArn"], secure["sslPolicy"]) == (CERTIFICATE, "ELBSecurityPolicy-TLS13-1-3-2021-06")
    assert [
        listener.inputs.get("sslPolicy") for listener in record.of("Listener") if listener.name == "users-Nlb8080tcp"
    ] == [None]
    first = record.one("TargetGroup", "users-Nlb443tcp").inputs
    assert (first["protocol"], first["deregistrationDelay"]) == ("TCP", 10)
    check = first["healthCheck"]
    assert (check["protocol"], check["port"], check["interval"], check["timeout"]) == ("TCP", "3001", 10, 10)
    assert (check["healthyThreshold"], check["unhealthyThreshold"]) == (2, 4)
    second, third = (record.one("TargetGroup", f"users-Nlb{port}").inputs for port in ("8080tcp", "53udp"))
    assert (second["stickiness"]["type"], second["stickiness"]["enabled"]) == ("source_ip", True)
    assert (third["protocol"], third["healthCheck"]["protocol"]) == ("UDP", "TCP")
    ports = [(entry["targetGroupArn"], entry["containerPort"]) for entry in service(record)["loadBalancers"]]
    assert ports == [
        ("arn:TargetGroup/users", 3000),
        ("arn:TargetGroup/users-Nlb443tcp", 3000),
        ("arn:TargetGroup/users-Nlb8080tcp", 8080),
        ("arn:TargetGroup/users-Nlb53udp", 53),
    ]


def test_callers_reach_the_network_load_balancer_and_it_the_tasks(tmp_path: Path) -> None:
    nlb = {"port": "8080/tcp", "additional_listeners": [{"port": "53/udp"}]}
    record = reached(tmp_path, None, nlb=nlb)
    rules = {rule.name: rule.inputs for rule in record.of("SecurityGroupIngressRule") if "Nlb" in rule.name}
    assert rules["users-Nlb-in-8080tcp"]["cidrIpv4"] == "0.0.0.0/0"
    assert (rules["users-Nlb-in-53udp"]["ipProtocol"], rules["users-Nlb-in-53udp"]["fromPort"]) == ("udp", 53)
    for transport in ("tcp", "udp"):
        into = rules[f"users-Nlb-{transport}-to-tasks"]
        assert into["securityGroupId"] == "SecurityGroup-users-tasks"
        assert into["referencedSecurityGroupId"] == "SecurityGroup-users-Nlb"
        out = record.one("SecurityGroupEgressRule", f"users-Nlb-{transport}-to-tasks").inputs
        assert (out["securityGroupId"], out["ipProtocol"]) == ("SecurityGroup-users-Nlb", transport)


def test_a_service_with_a_network_load_balancer_only_has_no_route(tmp_path: Path) -> None:
    nlb = {
        "port": "443/tls",
        "healthcheck": {"grace_period": "2m"},
        "alias": [{"name": "nlb.example.com", "hosted_zone": ZONE}],
    }
    record = reached(tmp_path, False, nlb=nlb)
    assert not rules(record)
    assert [group.name for group in record.of("TargetGroup") if "users" in group.name] == ["users-Nlb443tcp"]
    assert service(record)["healthCheckGracePeriodSeconds"] == 120
    assert record.one("aws:acm/certificate:Certificate").name == "nlb.example.com"
    named = record.one("aws:route53/record:Record", "nlb.example.com").inputs
    assert named["aliases"][0]["name"] == "users-Nlb.elb"
    assert [resource.name for resource in record.of("aws-native:refactorspaces:Service")] == ["facade-monolith"]


def test_a_network_load_balancer_is_internal_where_the_environment_is_to_be(tmp_path: Path) -> None:
    record = reached(tmp_path, None, {"loadBalancer": "internal"}, facade="api-gateway", nlb={"port": 80})
    balancer = record.one("LoadBalancer", "users-Nlb-internal").inputs
    assert (balancer["internal"], balancer["subnets"]) == (True, ["users-private-1", "users-private-2"])
    way = record.one("SecurityGroupIngressRule", "users-Nlb-in-80tcp").inputs
    assert way["cidrIpv4"].startswith("10.")


def test_tasks_are_placed_in_the_subnets_that_are_named(tmp_path: Path) -> None:
    vpc = {
        "id": "vpc-0a1b2c3d",
        "publicSubnets": ["subnet-0000000a", "subnet-0000000b"],
        "privateSubnets": ["subnet-0000000c", "subnet-0000000d"],
    }
    network = {"vpc": {"placement": {"subnets": ["subnet-0000000e", "subnet-0000000f"]}}}
    placed = service(reached(tmp_path, None, {"vpc": vpc}, network=network))["networkConfiguration"]
    assert (placed["subnets"], placed["assignPublicIp"]) == (["subnet-0000000e", "subnet-0000000f"], False)


def test_further_security_groups_stand_beside_the_environments(tmp_path: Path) -> None:
    for number, groups in enumerate((["sg-0a1b2c3d"], {"groups": ["sg-0a1b2c3d"]})):
        record = reached(tmp_path / str(number), network={"vpc": {"security_groups": groups}})
        configuration = service(record)["networkConfiguration"]
        assert configuration["securityGroups"] == ["SecurityGroup-users-tasks", "sg-0a1b2c3d"]


def test_without_the_environments_group_the_load_balancer_is_let_in_by_the_first_that_is_named(tmp_path: Path) -> None:
    groups = {"deny_default": True, "groups": ["sg-0a1b2c3d", "sg-0a1b2c3e"]}
    record = reached(tmp_path, network={"vpc": {"security_groups": groups}})
    assert service(record)["networkConfiguration"]["securityGroups"] == ["sg-0a1b2c3d", "sg-0a1b2c3e"]
    into = record.one("SecurityGroupIngressRule", "users-Groups-to-tasks").inputs
    assert into["securityGroupId"] == "sg-0a1b2c3d"
    assert into["referencedSecurityGroupId"] == "SecurityGroup-users-balancer"
    out = record.one("SecurityGroupEgressRule", "users-Groups-to-tasks").inputs
    assert (out["securityGroupId"], out["referencedSecurityGroupId"]) == ("SecurityGroup-users-balancer", "sg-0a1b2c3d")


def test_service_connect_has_the_alias_that_the_manifest_gives(tmp_path: Path) -> None:
    connect = service(reached(tmp_path, network={"connect": {"alias": "people"}}))["serviceConnectConfiguration"]
    assert connect["services"][0]["clientAlias"] == [{"port": 3000, "dnsName": "people"}]


def test_a_stack_without_certificates_has_no_listener_for_tls(tmp_path: Path) -> None:
    record = reached(tmp_path, change=as_asked)
    assert {listener.inputs["port"] for listener in record.of("Listener")} == {80}
