"""Inputs of scaling, facades and endpoints as components write them: nothing that AWS takes is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.driver import Driver
from tools.standin import apigateway as g
from tools.standin import autoscaling as a
from tools.standin import ec2
from tools.standin.values import UNKNOWN as U

TYPICAL: list[tuple[str, dict[str, Any]]] = [
    (
        a.TARGET,
        {
            "minCapacity": 1,
            "maxCapacity": 3,
            "resourceId": U,
            "scalableDimension": "ecs:service:DesiredCount",
            "serviceNamespace": "ecs",
            "tags": {},
        },
    ),
    (
        a.POLICY,
        {
            "policyType": "TargetTrackingScaling",
            "resourceId": U,
            "scalableDimension": "ecs:service:DesiredCount",
            "serviceNamespace": "ecs",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 70,
                "scaleInCooldown": 120,
                "scaleOutCooldown": 60,
                "disableScaleIn": False,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ALBRequestCountPerTarget",
                    "resourceLabel": U,
                },
            },
        },
    ),
    (
        a.POLICY,
        {
            "policyType": "TargetTrackingScaling",
            "resourceId": U,
            "scalableDimension": "ecs:service:DesiredCount",
            "serviceNamespace": "ecs",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 0.5,
                "customizedMetricSpecification": {
                    "metricName": "TargetResponseTime",
                    "namespace": "AWS/ApplicationELB",
                    "statistic": "Average",
                    "unit": "Seconds",
                    "dimensions": [{"name": "LoadBalancer", "value": U}],
                },
            },
        },
    ),
    (
        g.API,
        {
            "protocolType": "HTTP",
            "name": "x",
            "corsConfiguration": {"allowOrigins": ["*"]},
            "disableExecuteApiEndpoint": False,
            "ipAddressType": "ipv4",
            "tags": {"a": "b"},
        },
    ),
    (
        g.STAGE,
        {
            "apiId": U,
            "name": "$default",
            "autoDeploy": True,
            "accessLogSettings": {"destinationArn": U, "format": "{}"},
            "defaultRouteSettings": {
                "throttlingBurstLimit": 100,
                "throttlingRateLimit": 50,
                "detailedMetricsEnabled": False,
            },
            "routeSettings": [],
            "stageVariables": {},
        },
    ),
    (
        g.INTEGRATION,
        {
            "apiId": U,
            "integrationType": "HTTP_PROXY",
            "integrationMethod": "ANY",
            "integrationUri": U,
            "connectionType": "VPC_LINK",
            "connectionId": U,
            "payloadFormatVersion": "1.0",
            "timeoutMilliseconds": 30000,
            "requestParameters": {"overwrite:path": "$request.path"},
            "tlsConfig": {"serverNameToVerify": "x"},
        },
    ),
    (g.ROUTE, {"apiId": U, "routeKey": "ANY /api/users/{proxy+}", "target": U, "authorizationType": "NONE"}),
    (g.VPC_LINK, {"subnetIds": U, "securityGroupIds": [U], "tags": {}}),
    (
        g.DOMAIN,
        {
            "domainName": "a.b",
            "domainNameConfiguration": {"certificateArn": U, "endpointType": "REGIONAL", "securityPolicy": "TLS_1_2"},
        },
    ),
    (g.MAPPING, {"apiId": U, "domainName": U, "stage": U, "apiMappingKey": "v1"}),
    (
        ec2.ENDPOINT,
        {
            "vpcId": U,
            "serviceName": "com.amazonaws.eu-west-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": [U],
            "policy": "{}",
        },
    ),
    (
        ec2.ENDPOINT,
        {
            "vpcId": U,
            "serviceName": "com.amazonaws.eu-west-1.logs",
            "vpcEndpointType": "Interface",
            "subnetIds": U,
            "securityGroupIds": [U],
            "privateDnsEnabled": True,
            "dnsOptions": {"dnsRecordIpType": "ipv4"},
        },
    ),
    ("aws:s3/bucket:Bucket", {"forceDestroy": True, "tags": {}}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": U, "policy": U}),
    ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"bucket": U, "blockPublicAcls": True}),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"bucket": U, "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    ),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {"bucket": U, "rules": [{"id": "a", "status": "Enabled", "expiration": {"days": 3}}]},
    ),
    (
        "aws-native:refactorspaces:Application",
        {
            "environmentIdentifier": U,
            "vpcId": U,
            "proxyType": "API_GATEWAY",
            "apiGatewayProxy": {"endpointType": "REGIONAL", "stageName": "prod"},
            "tags": [{"key": "a", "value": "b"}],
        },
    ),
]


@pytest.mark.parametrize(
    ("token", "inputs"), TYPICAL, ids=[f"{token}-{index}" for index, (token, _) in enumerate(TYPICAL)]
)
def test_what_aws_takes_is_taken(token: str, inputs: dict[str, Any]) -> None:
    assert Driver().problems(token, "x", **inputs) == []
