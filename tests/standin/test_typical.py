"""Inputs as components write them: nothing that AWS takes is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import actions, cloudwatch, ecr, ecs, efs, elb, iam, security, sns
from tools.standin import servicediscovery as sd
from tools.standin.values import UNKNOWN as U

TYPICAL: list[tuple[str, dict[str, Any]]] = [
    (
        ecs.SERVICE,
        {
            "cluster": U,
            "taskDefinition": U,
            "desiredCount": 2,
            "capacityProviderStrategies": [
                {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
                {"capacityProvider": "FARGATE_SPOT", "weight": 4},
            ],
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "deploymentConfiguration": {"strategy": "ROLLING"},
            "deploymentController": {"type": "ECS"},
            "alarms": {"enable": True, "rollback": True, "alarmNames": ["a"]},
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableExecuteCommand": True,
            "enableEcsManagedTags": True,
            "availabilityZoneRebalancing": "ENABLED",
            "networkConfiguration": {"subnets": U, "securityGroups": [U], "assignPublicIp": True},
            "loadBalancers": [{"targetGroupArn": U, "containerName": "w", "containerPort": 80}],
            "serviceRegistries": {"registryArn": U, "port": 80},
            "serviceConnectConfiguration": {
                "enabled": True,
                "namespace": U,
                "services": [{"portName": "a", "discoveryName": "b", "clientAlias": [{"port": 80, "dnsName": "x"}]}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"a": "b"}},
            },
            "propagateTags": "SERVICE",
            "platformVersion": "1.4.0",
            "schedulingStrategy": "REPLICA",
            "tags": {"a": "b"},
            "healthCheckGracePeriodSeconds": 60,
            "waitForSteadyState": True,
            "forceNewDeployment": False,
            "triggers": {"a": "b"},
        },
    ),
    (
        ecs.TASK_DEFINITION,
        {
            "family": "a",
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "executionRoleArn": "arn:aws:iam::1:role/x",
            "taskRoleArn": U,
            "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
            "ephemeralStorage": {"sizeInGib": 50},
            "containerDefinitions": sample.definitions(
                "x@sha256:1",
                "l",
                healthCheck={
                    "command": ["CMD-SHELL", "x"],
                    "interval": 10,
                    "retries": 2,
                    "timeout": 5,
                    "startPeriod": 0,
                },
                linuxParameters={"initProcessEnabled": True},
                ulimits=[],
                mountPoints=[{"sourceVolume": "v", "containerPath": "/x", "readOnly": True}],
                dockerLabels={"a": "b"},
                stopTimeout=30,
                user="node",
                readonlyRootFilesystem=True,
                entryPoint=["a"],
                command=["b"],
                secrets=[{"name": "S", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/x"}],
                environmentFiles=[],
                systemControls=[],
                volumesFrom=[],
            ),
            "volumes": [
                {
                    "name": "v",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "fs-1",
                        "rootDirectory": "/",
                        "transitEncryption": "ENABLED",
                        "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                    },
                }
            ],
            "tags": {"a": "b"},
            "skipDestroy": False,
        },
    ),
    (
        ecs.CLUSTER,
        {
            "configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}},
            "settings": [{"name": "containerInsights", "value": "disabled"}],
            "serviceConnectDefaults": {"namespace": U},
        },
    ),
    (
        ecs.PROVIDERS,
        {
            "clusterName": U,
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}],
        },
    ),
    (
        elb.BALANCER,
        {
            "internal": False,
            "loadBalancerType": "application",
            "subnets": U,
            "securityGroups": [U],
            "dropInvalidHeaderFields": True,
            "idleTimeout": 60,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "accessLogs": {"bucket": "b", "enabled": True, "prefix": "p"},
            "desyncMitigationMode": "defensive",
            "ipAddressType": "ipv4",
            "xffHeaderProcessingMode": "append",
            "tags": {"a": "b"},
        },
    ),
    (
        elb.LISTENER,
        {
            "loadBalancerArn": U,
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificateArn": "arn:aws:acm:eu-west-1:1:certificate/x",
            "defaultActions": [
                {
                    "type": "forward",
                    "forward": {
                        "targetGroups": [{"arn": U, "weight": 1}],
                        "stickiness": {"enabled": True, "duration": 60},
                    },
                }
            ],
        },
    ),
    (
        elb.LISTENER,
        {
            "loadBalancerArn": U,
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": [
                {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}
            ],
        },
    ),
    (
        elb.RULE,
        {
            "listenerArn": U,
            "priority": 5,
            "actions": [
                {
                    "type": "forward",
                    "forward": {
                        "targetGroups": [{"arn": U, "weight": 0}, {"arn": U, "weight": 100}],
                        "stickiness": {"enabled": False, "duration": 60},
                    },
                }
            ],
            "conditions": [{"pathPattern": {"values": ["/a", "/a/*"]}}, {"httpRequestMethod": {"values": ["GET"]}}],
            "tags": {"a": "b"},
        },
    ),
    (
        actions.TARGET_GROUP,
        {
            "port": 80,
            "protocol": "HTTP",
            "protocolVersion": "HTTP1",
            "targetType": "ip",
            "vpcId": U,
            "deregistrationDelay": 60,
            "slowStart": 30,
            "loadBalancingAlgorithmType": "round_robin",
            "stickiness": {"type": "lb_cookie", "enabled": True, "cookieDuration": 86400},
            "healthCheck": {
                "enabled": True,
                "path": "/",
                "port": "traffic-port",
                "protocol": "HTTP",
                "interval": 10,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 2,
                "matcher": "200",
            },
            "ipAddressType": "ipv4",
        },
    ),
    (
        security.GROUP,
        {
            "vpcId": U,
            "description": "Tasks of posts: from the balancer only",
            "revokeRulesOnDelete": False,
            "tags": {"Name": "x"},
        },
    ),
    (
        security.INGRESS,
        {
            "securityGroupId": U,
            "ipProtocol": "tcp",
            "fromPort": 80,
            "toPort": 80,
            "referencedSecurityGroupId": U,
            "description": "x",
            "tags": {"a": "b"},
        },
    ),
    (security.EGRESS, {"securityGroupId": U, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}),
    (
        ecr.REPOSITORY,
        {
            "name": "a/b",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filter": "cache*", "filterType": "WILDCARD"}],
            "forceDelete": False,
        },
    ),
    (
        iam.ROLE,
        {
            "assumeRolePolicy": sample.TRUST,
            "description": "x",
            "maxSessionDuration": 3600,
            "permissionsBoundary": "arn:aws:iam::1:policy/x",
            "inlinePolicies": [],
            "tags": {"a": "b"},
            "path": "/x/",
        },
    ),
    (iam.ROLE_POLICY, {"role": U, "policy": U}),
    (
        cloudwatch.LOG_GROUP,
        {
            "name": "/copilot/a",
            "retentionInDays": 30,
            "kmsKeyId": "arn:aws:kms:eu-west-1:1:key/x",
            "logGroupClass": "STANDARD",
            "tags": {"a": "b"},
        },
    ),
    (
        cloudwatch.ALARM,
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "datapointsToAlarm": 2,
            "metricName": "HTTPCode_Target_5XX_Count",
            "namespace": "AWS/ApplicationELB",
            "period": 60,
            "statistic": "Sum",
            "threshold": 5,
            "treatMissingData": "notBreaching",
            "dimensions": {"LoadBalancer": U},
            "alarmDescription": "x",
            "alarmActions": [],
            "tags": {"a": "b"},
        },
    ),
    (
        efs.FILE_SYSTEM,
        {
            "encrypted": True,
            "performanceMode": "generalPurpose",
            "throughputMode": "bursting",
            "lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}],
            "tags": {"a": "b"},
        },
    ),
    (efs.FILE_SYSTEM_POLICY, {"fileSystemId": U, "policy": U}),
    (efs.BACKUP_POLICY, {"fileSystemId": U, "backupPolicy": {"status": "ENABLED"}}),
    (efs.MOUNT_TARGET, {"fileSystemId": U, "subnetId": U, "securityGroups": [U]}),
    (
        efs.ACCESS_POINT,
        {
            "fileSystemId": U,
            "posixUser": {"uid": 4294967295, "gid": 0},
            "rootDirectory": {
                "path": "/users",
                "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0755"},
            },
            "tags": {"a": "b"},
        },
    ),
    (sns.TOPIC, {"name": "a", "kmsMasterKeyId": "alias/aws/sns", "tags": {"a": "b"}}),
    (sns.TOPIC, {"name": "a.fifo", "fifoTopic": True, "contentBasedDeduplication": True}),
    (sns.TOPIC_POLICY, {"arn": U, "policy": U}),
    (sd.PRIVATE_DNS, {"name": "a.local", "vpc": U, "description": "x"}),
    (sd.HTTP, {"name": "a"}),
    (
        sd.SERVICE,
        {
            "name": "a",
            "dnsConfig": {"namespaceId": U, "routingPolicy": "MULTIVALUE", "dnsRecords": [{"type": "A", "ttl": 10}]},
            "healthCheckCustomConfig": {"failureThreshold": 1},
            "forceDestroy": True,
        },
    ),
]


@pytest.mark.parametrize(
    ("token", "inputs"), TYPICAL, ids=[f"{token}-{index}" for index, (token, _) in enumerate(TYPICAL)]
)
def test_what_aws_takes_is_taken(token: str, inputs: dict[str, Any]) -> None:
    assert Driver().problems(token, "x", **inputs) == []
