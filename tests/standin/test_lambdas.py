"""Functions that aren't ours: who may invoke them, and as targets of a load balancer."""

import pytest

from tests.standin.driver import Driver, RefusedError
from tools.standin import apigateway, lambdas, trace
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import AwsError

ELB, GATEWAY = "elasticloadbalancing.amazonaws.com", "apigateway.amazonaws.com"


def _allow(driver: Driver, principal: str, source: str, **more: str) -> None:
    function = driver.cloud.arn("lambda", "function:legacy")
    inputs = {"action": "lambda:InvokeFunction", "function": function, "principal": principal, "sourceArn": source}
    driver.create(lambdas.PERMISSION, "legacy", **inputs, **more)


def test_a_function_becomes_a_target_once_the_load_balancer_may_invoke_it() -> None:
    driver = Driver()
    function = driver.cloud.arn("lambda", "function:legacy")
    group = driver.create(TARGET_GROUP, "legacy", targetType="lambda")
    with pytest.raises(AwsError, match="does not have permission to invoke"):
        driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=function)
    _allow(driver, ELB, group.id)
    with pytest.raises(AwsError, match="does not have permission to invoke"):
        driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=f"{function}:live")
    driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=function)
    with pytest.raises(AwsError, match="a target group has one"):
        driver.create(lambdas.ATTACHMENT, "other", targetGroupArn=group.id, targetId=function)


def test_a_target_that_is_no_function_is_refused_where_targets_are_functions() -> None:
    driver = Driver()
    group = driver.create(TARGET_GROUP, "legacy", targetType="lambda")
    with pytest.raises(AwsError, match="is not a function's ARN"):
        driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId="10.0.0.1")


def test_a_version_stands_beside_the_function_and_not_in_its_arn() -> None:
    driver = Driver()
    function = driver.cloud.arn("lambda", "function:legacy:live")
    inputs = {"action": "lambda:InvokeFunction", "function": function, "principal": ELB}
    with pytest.raises(RefusedError, match="its version or alias in qualifier"):
        driver.create(lambdas.PERMISSION, "legacy", **inputs)


def test_nobody_is_allowed_to_invoke_the_newest_code_by_its_name() -> None:
    with pytest.raises(RefusedError, match="do not support adding policies for"):
        _allow(Driver(), ELB, "arn", qualifier="$LATEST")


def test_an_http_api_that_may_not_invoke_a_function_answers_500() -> None:
    driver = Driver()
    function = driver.cloud.arn("lambda", "function:legacy")
    api = driver.create(apigateway.API, "api", protocolType="HTTP")
    uri = f"arn:aws:apigateway:{driver.cloud.region}:lambda:path/2015-03-31/functions/{function}/invocations"
    inputs = {"integrationType": "AWS_PROXY", "integrationMethod": "POST", "payloadFormatVersion": "2.0"}
    integration = driver.create(apigateway.INTEGRATION, "legacy", apiId=api.id, integrationUri=uri, **inputs)
    target = f"integrations/{integration.id}"
    driver.create(apigateway.ROUTE, "all", apiId=api.id, routeKey="$default", target=target)
    driver.create(apigateway.STAGE, "stage", apiId=api.id, name="$default", autoDeploy=True)

    def answer() -> dict[str | int, float]:
        return dict(trace.answer(driver.cloud.snapshot, str(api["apiEndpoint"]), "GET", "/"))

    assert answer() == {500: 1.0}
    _allow(driver, GATEWAY, f"{api['executionArn']}/*/*")
    assert answer() == {"legacy": 1.0}


def test_a_reserved_header_is_not_mapped_and_the_host_is_a_constant() -> None:
    driver = Driver()
    api = driver.create(apigateway.API, "api", protocolType="HTTP")
    common = {"integrationType": "HTTP_PROXY", "integrationMethod": "ANY", "apiId": api.id}
    common["integrationUri"] = "https://legacy.example.com"
    with pytest.raises(RefusedError, match="is a reserved header"):
        driver.create(
            apigateway.INTEGRATION, "one", **common, requestParameters={"overwrite:header.Via": "$request.path"}
        )
    with pytest.raises(AwsError, match="is no constant"):
        driver.create(
            apigateway.INTEGRATION, "two", **common, requestParameters={"overwrite:header.host": "$context.domainName"}
        )
    driver.create(apigateway.INTEGRATION, "three", **common, requestParameters={"overwrite:header.host": "a.example"})
