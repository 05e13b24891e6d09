"""Which requests each resource type becomes: when it is made, and when it is changed in place.

From pulumi-aws's own code (the Terraform provider's internal/service/<service>), and from AWS's API references.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.aws_api.translate import HERE, Call


@dataclass(frozen=True)
class Calls:
    """The requests of a type. No request for a change: it is made anew, or nothing of it changes but tags."""

    made: tuple[Call, ...]
    changed: tuple[Call, ...] = ()


NOT_AWS: Mapping[str, str] = {
    "docker:index/image:Image": "Docker builds it, and a registry takes it by a protocol of its own",
}
"""Types that are no request to AWS, with the reason."""

LEFT: Mapping[str, str] = {
    "allowOverwrite": "how the provider changes a record",
    "bypassPolicyLockoutSafetyCheck": "what the provider says for itself",
    "confirmationTimeoutInMinutes": "how long the provider waits for an endpoint that confirms by itself",
    "deletionWindowInDays": "how the provider deletes a key",
    "enableKeyRotation": "a call of its own (EnableKeyRotation), which a key without rotation has no need of",
    "endpointAutoConfirms": "whether the provider waits for an endpoint that confirms by itself",
    "isEnabled": "a call of its own (DisableKey), which a key that is used has no need of",
    "forceDelete": "how the provider deletes a repository",
    "forceDestroy": "how the provider deletes a bucket or a discovered service",
    "forceDetachPolicies": "how the provider deletes a role",
    "revokeRulesOnDelete": "how the provider deletes a security group",
    "skipDestroy": "whether the provider deletes a log group",
    "validationRecordFqdns": "what the provider compares with the certificate's",
    "waitForSteadyState": "how long the provider waits",
}
"""Properties that are in no request, with the reason."""


REMOVED: Mapping[str, object] = {
    "loadBalancers": [],
    "serviceConnectConfiguration": {"enabled": False},
    "serviceRegistries": [],
}
"""What a change says of a property that the resource has no more, as AWS keeps what isn't said."""

STAYS: Mapping[str, str] = {
    "defaultRouteSettings": "the provider sees no change, and API Gateway keeps it: docs/leftovers.md says what to do",
}
"""Properties whose removal never reaches AWS, with the reason."""


def _made(call: Call, *more: Call) -> Calls:
    return Calls((call, *more))


def _put(call: Call) -> Calls:
    """What makes it changes it as well."""
    return Calls((call,), (call,))


def _ec2(operation: str, kind: str, without: tuple[str, ...] = (), /, **names: str) -> Call:
    """A request of EC2's, where the tags say what is tagged."""
    tags = {"tags": "TagSpecifications.Tags"}
    return Call(f"ec2.{operation}", {**tags, **names}, {}, {"TagSpecifications.ResourceType": kind}, without=without)


_PERMISSION = {"ipProtocol": "IpProtocol", "fromPort": "FromPort", "toPort": "ToPort"}


def _group_rule(direction: str) -> Calls:
    """A rule of a security group: for a range, or for a group."""
    names = {"securityGroupId": "GroupId", **{key: f"IpPermissions.{member}" for key, member in _PERMISSION.items()}}
    call = _ec2(f"AuthorizeSecurityGroup{direction}", "security-group-rule", **names)

    def of(when: str, place: str, member: str) -> Call:
        own = {when: f"IpPermissions.{place}.{member}", "description": f"IpPermissions.{place}.Description"}
        return replace(call, names={**call.names, **own}, when=when)

    change = {**_PERMISSION, "cidrIpv4": "CidrIpv4", "referencedSecurityGroupId": "ReferencedGroupId"}
    change = {key: f"SecurityGroupRules.SecurityGroupRule.{member}" for key, member in change.items()}
    change |= {"securityGroupId": "GroupId", "description": "SecurityGroupRules.SecurityGroupRule.Description"}
    changed = Call("ec2.ModifySecurityGroupRules", change, {"SecurityGroupRules.SecurityGroupRuleId": "id"})
    return Calls(
        (
            of("cidrIpv4", "IpRanges", "CidrIp"),
            of("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
        ),
        (replace(changed, without=("tags",)),),
    )


def _attribute(operation: str, owner: str, name: str) -> Call:
    """A request that sets one attribute of a network or subnet."""
    member = f"{name[:1].upper()}{name[1:]}"
    return Call(f"ec2.{operation}", {name: f"{member}.Value"}, {owner: "id"}, only=(name,), when=name)


def _attributes(operation: str, owner: str, names: Mapping[str, str]) -> Call:
    """A request that sets attributes of something that is there."""
    tops = tuple({path.partition(".")[0]: None for path in names})
    return Call(operation, {}, {owner: "id"}, attributes=names, only=tops)


_ACTIONS = {
    f"{place}.{name}": member
    for place in ("actions", "defaultActions")
    for name, member in {
        "forward": "ForwardConfig",
        "forward.targetGroups.arn": "TargetGroupArn",
        "forward.stickiness": "TargetGroupStickinessConfig",
        "forward.stickiness.duration": "DurationSeconds",
        "fixedResponse": "FixedResponseConfig",
        "redirect": "RedirectConfig",
    }.items()
}
_RULE = Call(
    "elbv2.CreateRule",
    {
        **_ACTIONS,
        "conditions.pathPattern": "PathPatternConfig",
        "conditions.hostHeader": "HostHeaderConfig",
        "conditions.httpRequestMethod": "HttpRequestMethodConfig",
        "conditions.httpHeader": "HttpHeaderConfig",
        "conditions.queryStrings": "QueryStringConfig.Values",
        "conditions.sourceIp": "SourceIpConfig",
    },
)
_MACHINE = {"loggingConfiguration.logDestination": "destinations.cloudWatchLogsLogGroup.logGroupArn"}
_LISTENER = Call("elbv2.CreateListener", {**_ACTIONS, "certificateArn": "Certificates.CertificateArn"})
_BALANCER = _attributes(
    "elbv2.ModifyLoadBalancerAttributes",
    "LoadBalancerArn",
    {
        "accessLogs.enabled": "access_logs.s3.enabled",
        "accessLogs.bucket": "access_logs.s3.bucket",
        "accessLogs.prefix": "access_logs.s3.prefix",
        "clientKeepAlive": "client_keep_alive.seconds",
        "desyncMitigationMode": "routing.http.desync_mitigation_mode",
        "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
        "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
        "idleTimeout": "idle_timeout.timeout_seconds",
    },
)
_GROUP = _attributes(
    "elbv2.ModifyTargetGroupAttributes",
    "TargetGroupArn",
    {
        "connectionTermination": "deregistration_delay.connection_termination.enabled",
        "deregistrationDelay": "deregistration_delay.timeout_seconds",
        "preserveClientIp": "preserve_client_ip.enabled",
        "stickiness.enabled": "stickiness.enabled",
        "stickiness.type": "stickiness.type",
        "stickiness.cookieDuration": "stickiness.lb_cookie.duration_seconds",
    },
)
_CHECK = {
    "healthCheck": HERE,
    "healthCheck.enabled": "HealthCheckEnabled",
    "healthCheck.healthyThreshold": "HealthyThresholdCount",
    "healthCheck.interval": "HealthCheckIntervalSeconds",
    "healthCheck.matcher": "Matcher.HttpCode",
    "healthCheck.path": "HealthCheckPath",
    "healthCheck.port": "HealthCheckPort",
    "healthCheck.protocol": "HealthCheckProtocol",
    "healthCheck.timeout": "HealthCheckTimeoutSeconds",
    "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
}
_SERVICE = Call(
    "ecs.CreateService",
    {
        "alarms": "deploymentConfiguration.alarms",
        "capacityProviderStrategies": "capacityProviderStrategy",
        "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
        "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
        "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
        "iamRole": "role",
        "name": "serviceName",
        "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
        "serviceConnectConfiguration.services.clientAlias": "clientAliases",
    },
    values={"assignPublicIp": {True: "ENABLED", False: "DISABLED"}},
)
_RECORD = "ChangeBatch.Changes.ResourceRecordSet"
_SPACES = "migration-hub-refactor-spaces"
_API = "apigatewayv2"
_INTEGRATION = Call(f"{_API}.CreateIntegration", {"timeoutMilliseconds": "TimeoutInMillis"})
_STAGE = Call(f"{_API}.CreateStage", {"name": "StageName"})
_RETENTION = Call("logs.PutRetentionPolicy", {"name": "logGroupName"}, only=("name", "retentionInDays"))
_LIFECYCLE = Call("efs.PutLifecycleConfiguration", {}, {"FileSystemId": "id"}, only=("lifecyclePolicies",))
_QUEUE = {
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "fifoQueue": "FifoQueue",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsMasterKeyId": "KmsMasterKeyId",
}
_TOPIC = ("fifoTopic", "contentBasedDeduplication", "kmsMasterKeyId")

CALLS: Mapping[str, Calls] = {
    "aws-native:refactorspaces:Application": _made(Call(f"{_SPACES}.CreateApplication")),
    "aws-native:refactorspaces:Environment": _made(Call(f"{_SPACES}.CreateEnvironment")),
    "aws-native:refactorspaces:Route": _made(Call(f"{_SPACES}.CreateRoute")),
    "aws-native:refactorspaces:Service": _made(Call(f"{_SPACES}.CreateService")),
    "aws:acm/certificate:Certificate": _made(Call("acm.RequestCertificate")),
    "aws:acm/certificateValidation:CertificateValidation": _made(Call("acm.DescribeCertificate")),
    "aws:apigatewayv2/api:Api": _made(Call(f"{_API}.CreateApi")),
    "aws:apigatewayv2/apiMapping:ApiMapping": _made(Call(f"{_API}.CreateApiMapping")),
    "aws:apigatewayv2/domainName:DomainName": _made(
        Call(f"{_API}.CreateDomainName", {"domainNameConfiguration": "DomainNameConfigurations"})
    ),
    "aws:apigatewayv2/integration:Integration": Calls(
        (_INTEGRATION,), (_INTEGRATION.to("UpdateIntegration", IntegrationId="id"),)
    ),
    "aws:apigatewayv2/route:Route": Calls(
        (Call(f"{_API}.CreateRoute"),), (Call(f"{_API}.UpdateRoute", {}, {"RouteId": "id"}),)
    ),
    "aws:apigatewayv2/stage:Stage": Calls((_STAGE,), (_STAGE.to("UpdateStage"),)),
    "aws:apigatewayv2/vpcLink:VpcLink": _made(Call(f"{_API}.CreateVpcLink")),
    "aws:appautoscaling/policy:Policy": _put(Call("application-autoscaling.PutScalingPolicy", {"name": "PolicyName"})),
    "aws:appautoscaling/target:Target": _put(Call("application-autoscaling.RegisterScalableTarget")),
    "aws:cloudwatch/logGroup:LogGroup": Calls(
        (Call("logs.CreateLogGroup", {"name": "logGroupName"}, without=("retentionInDays",)), _RETENTION),
        (_RETENTION,),
    ),
    "aws:cloudwatch/dashboard:Dashboard": _put(Call("cloudwatch.PutDashboard")),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _put(
        Call(
            "cloudwatch.PutMetricAlarm",
            {
                "name": "AlarmName",
                "metricQueries": "Metrics",
                "metricQueries.metric": "MetricStat",
                **{
                    f"metricQueries.metric.{name}": f"Metric.{name[:1].upper()}{name[1:]}"
                    for name in ("namespace", "metricName", "dimensions")
                },
            },
        )
    ),
    "aws:ec2/eip:Eip": _made(_ec2("AllocateAddress", "elastic-ip")),
    "aws:ec2/flowLog:FlowLog": _made(
        _ec2("CreateFlowLogs", "vpc-flow-log", vpcId="ResourceIds", iamRoleArn="DeliverLogsPermissionArn").with_fixed(
            ResourceType="VPC"
        )
    ),
    "aws:ec2/internetGateway:InternetGateway": _made(
        _ec2("CreateInternetGateway", "internet-gateway", ("vpcId",)),
        Call("ec2.AttachInternetGateway", {}, {"InternetGatewayId": "id"}, only=("vpcId",)),
    ),
    "aws:ec2/natGateway:NatGateway": _made(_ec2("CreateNatGateway", "natgateway")),
    "aws:ec2/route:Route": Calls((Call("ec2.CreateRoute"),), (Call("ec2.ReplaceRoute"),)),
    "aws:ec2/routeTable:RouteTable": _made(_ec2("CreateRouteTable", "route-table")),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _made(Call("ec2.AssociateRouteTable")),
    "aws:ec2/securityGroup:SecurityGroup": _made(_ec2("CreateSecurityGroup", "security-group", name="GroupName")),
    "aws:ec2/subnet:Subnet": _made(
        _ec2("CreateSubnet", "subnet", ("mapPublicIpOnLaunch",)),
        _attribute("ModifySubnetAttribute", "SubnetId", "mapPublicIpOnLaunch"),
    ),
    "aws:ec2/vpc:Vpc": _made(
        _ec2("CreateVpc", "vpc", ("enableDnsHostnames", "enableDnsSupport")),
        _attribute("ModifyVpcAttribute", "VpcId", "enableDnsHostnames"),
        _attribute("ModifyVpcAttribute", "VpcId", "enableDnsSupport"),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _put(
        Call("ecr.PutLifecyclePolicy", {"repository": "repositoryName", "policy": "lifecyclePolicyText"})
    ),
    "aws:ecr/repository:Repository": _made(Call("ecr.CreateRepository", {"name": "repositoryName"})),
    "aws:ecs/cluster:Cluster": Calls(
        (Call("ecs.CreateCluster", {"name": "clusterName"}),),
        (Call("ecs.UpdateCluster", {"name": "cluster"}, only=("name", "settings", "configuration")),),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": _put(
        Call("ecs.PutClusterCapacityProviders", {"clusterName": "cluster"}).with_fixed(
            defaultCapacityProviderStrategy=[]
        )
    ),
    "aws:ecs/service:Service": Calls(
        (_SERVICE,), (_SERVICE.to("UpdateService", "launchType", "name", "iamRole", service="name"),)
    ),
    "aws:ecs/taskDefinition:TaskDefinition": _made(Call("ecs.RegisterTaskDefinition")),
    "aws:efs/accessPoint:AccessPoint": _made(Call("efs.CreateAccessPoint").with_fixed(ClientToken="0" * 26)),
    "aws:efs/backupPolicy:BackupPolicy": _put(Call("efs.PutBackupPolicy")),
    "aws:efs/fileSystem:FileSystem": Calls(
        (Call("efs.CreateFileSystem", without=_LIFECYCLE.only).with_fixed(CreationToken="0" * 26), _LIFECYCLE),
        (_LIFECYCLE,),
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _put(Call("efs.PutFileSystemPolicy")),
    "aws:efs/mountTarget:MountTarget": _made(Call("efs.CreateMountTarget")),
    "aws:iam/role:Role": _made(
        Call("iam.CreateRole", {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"})
    ),
    "aws:iam/rolePolicy:RolePolicy": _put(
        Call("iam.PutRolePolicy", {"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"})
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _made(Call("iam.AttachRolePolicy", {"role": "RoleName"})),
    "aws:lb/listener:Listener": Calls((_LISTENER,), (_LISTENER.to("ModifyListener", ListenerArn="id"),)),
    "aws:lb/listenerCertificate:ListenerCertificate": _made(
        Call("elbv2.AddListenerCertificates", {"certificateArn": "Certificates.CertificateArn"})
    ),
    "aws:lb/listenerRule:ListenerRule": Calls(
        (_RULE,),
        (
            replace(_RULE.to("ModifyRule", RuleArn="id"), only=("actions", "conditions")),
            Call(
                "elbv2.SetRulePriorities",
                {"priority": "RulePriorities.Priority"},
                {"RulePriorities.RuleArn": "id"},
                only=("priority",),
            ),
        ),
    ),
    "aws:lb/loadBalancer:LoadBalancer": Calls(
        (
            Call(
                "elbv2.CreateLoadBalancer",
                {"internal": "Scheme", "loadBalancerType": "Type"},
                values={"internal": {True: "internal", False: "internet-facing"}},
                without=_BALANCER.only,
            ),
            _BALANCER,
        ),
        (_BALANCER, Call("elbv2.SetSecurityGroups", {}, {"LoadBalancerArn": "id"}, only=("securityGroups",))),
    ),
    "aws:lb/targetGroup:TargetGroup": Calls(
        (Call("elbv2.CreateTargetGroup", _CHECK, without=_GROUP.only), _GROUP),
        (Call("elbv2.ModifyTargetGroup", _CHECK, {"TargetGroupArn": "id"}, only=("healthCheck",)), _GROUP),
    ),
    "aws:route53/record:Record": _put(
        Call(
            "route53.ChangeResourceRecordSets",
            {
                "zoneId": "HostedZoneId",
                "name": f"{_RECORD}.Name",
                "type": f"{_RECORD}.Type",
                "ttl": f"{_RECORD}.TTL",
                "records": f"{_RECORD}.ResourceRecords",
                "aliases": f"{_RECORD}.AliasTarget",
                "aliases.name": "DNSName",
                "aliases.zoneId": "HostedZoneId",
            },
            fixed={"ChangeBatch.Changes.Action": "UPSERT"},
        )
    ),
    "aws:route53/zone:Zone": _made(
        Call(
            "route53.CreateHostedZone",
            {"comment": "HostedZoneConfig.Comment", "vpcs": "VPC"},
            fixed={"CallerReference": "what the provider makes up"},
            without=("tags",),
        ),
        Call(
            "route53.ChangeTagsForResource",
            {"tags": "AddTags"},
            {"ResourceId": "zoneId"},
            {"ResourceType": "hostedzone"},
            only=("tags",),
        ),
    ),
    "aws:s3/bucket:Bucket": _made(
        Call("s3.CreateBucket", without=("tags",)), Call("s3.PutBucketTagging", {"tags": "Tagging.TagSet"})
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _put(Call("s3.PutBucketPolicy")),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _put(
        Call(
            "s3.PutPublicAccessBlock",
            {
                f"{what}Public{whom}": f"PublicAccessBlockConfiguration.{what.capitalize()}Public{whom}"
                for what, whom in (("block", "Acls"), ("ignore", "Acls"), ("block", "Policy"), ("restrict", "Buckets"))
            },
        )
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _made(
        Call("servicediscovery.CreatePrivateDnsNamespace")
    ),
    "aws:servicediscovery/service:Service": _made(Call("servicediscovery.CreateService")),
    "aws:cloudwatch/eventRule:EventRule": Calls(
        (Call("events.PutRule"),), (Call("events.PutRule", without=("tags",)),)
    ),
    # The provider makes up an id.
    "aws:cloudwatch/eventTarget:EventTarget": _put(
        Call("events.PutTargets", {"arn": "Targets.Arn", "roleArn": "Targets.RoleArn"}, fixed={"Targets.Id": "one"})
    ),
    "aws:sfn/stateMachine:StateMachine": Calls(
        (Call("stepfunctions.CreateStateMachine", _MACHINE),),
        (
            Call("stepfunctions.CreateStateMachine", _MACHINE).to(
                "UpdateStateMachine", "name", "type", stateMachineArn="arn"
            ),
        ),
    ),
    "aws:sns/topic:Topic": _made(
        Call("sns.CreateTopic", attributes={name: f"{name[:1].upper()}{name[1:]}" for name in _TOPIC})
    ),
    "aws:sns/topicPolicy:TopicPolicy": _put(
        Call("sns.SetTopicAttributes", {"arn": "TopicArn", "policy": "AttributeValue"}).with_fixed(
            AttributeName="Policy"
        )
    ),
    "aws:sns/topicSubscription:TopicSubscription": _made(
        Call(
            "sns.Subscribe",
            {"topic": "TopicArn"},
            attributes={"rawMessageDelivery": "RawMessageDelivery", "filterPolicy": "FilterPolicy"},
        ).with_fixed(ReturnSubscriptionArn=True)
    ),
    "aws:kms/key:Key": Calls(
        (Call("kms.CreateKey", {"customerMasterKeySpec": "KeySpec"}, without=("deletionWindowInDays",)),),
        (
            Call("kms.PutKeyPolicy", {}, {"KeyId": "id"}, only=("policy",)),
            Call("kms.UpdateKeyDescription", {}, {"KeyId": "id"}, only=("description",)),
        ),
    ),
    "aws:sqs/queue:Queue": Calls(
        (Call("sqs.CreateQueue", {"name": "QueueName", "tags": "tags"}, attributes=_QUEUE),),
        (
            Call(
                "sqs.SetQueueAttributes",
                {},
                {"QueueUrl": "id"},
                attributes={name: key for name, key in _QUEUE.items() if name != "fifoQueue"},
                without=("name", "fifoQueue", "tags"),
            ),
        ),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _put(Call("sqs.SetQueueAttributes", attributes={"policy": "Policy"})),
    "aws:sqs/redrivePolicy:RedrivePolicy": _put(
        Call("sqs.SetQueueAttributes", attributes={"redrivePolicy": "RedrivePolicy"})
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _group_rule("Egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _group_rule("Ingress"),
    "aws:lambda/permission:Permission": _made(
        Call("lambda.AddPermission", {"function": "FunctionName"}).with_fixed(StatementId="terraform-20261130")
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": _made(
        Call("elbv2.RegisterTargets", {"targetId": "Targets.Id"})
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _made(Call("wafv2.AssociateWebACL")),
}

LOOK_UPS: Mapping[str, Call] = {
    "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": Call(
        "ec2.DescribeNetworkInterfaces", {"filters": "Filters", "filters.name": "Name", "filters.values": "Values"}
    ),
    "aws:cloudformation/getStack:getStack": Call("cloudformation.DescribeStacks", {"name": "StackName"}),
    "aws:resourcegroupstaggingapi/getResources:getResources": Call("resourcegroupstaggingapi.GetResources"),
    "aws:cloudformation/getExport:getExport": Call("cloudformation.ListExports"),
    # The provider looks for the name in the answer.
    "aws:sns/getTopic:getTopic": Call("sns.ListTopics", without=("name",)),
    "aws:ec2/getSubnet:getSubnet": Call("ec2.DescribeSubnets", {"id": "SubnetIds"}),
    "aws:ec2/getVpc:getVpc": Call("ec2.DescribeVpcs", {"id": "VpcIds"}),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": Call(
        "ecr.GetAuthorizationToken", {"registryId": "registryIds"}
    ),
    "aws:ecs/getService:getService": Call("ecs.DescribeServices", {"clusterArn": "cluster", "serviceName": "services"}),
    "aws:index/getAvailabilityZones:getAvailabilityZones": Call(
        "ec2.DescribeAvailabilityZones", {"state": "Filters.Values"}, fixed={"Filters.Name": "state"}
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": Call("sts.GetCallerIdentity"),
    "aws:lb/getListener:getListener": Call("elbv2.DescribeListeners", {"arn": "ListenerArns"}),
    # The provider looks for the priority in the answer.
    "aws:lb/getListenerRule:getListenerRule": Call(
        "elbv2.DescribeRules", {"listenerArn": "ListenerArn"}, without=("priority",)
    ),
    "aws:lb/getLoadBalancer:getLoadBalancer": Call("elbv2.DescribeLoadBalancers", {"arn": "LoadBalancerArns"}),
    "aws:lb/getTargetGroup:getTargetGroup": Call("elbv2.DescribeTargetGroups", {"arn": "TargetGroupArns"}),
    "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": Call(
        "ec2.DescribeSecurityGroupRules", {"securityGroupRuleId": "SecurityGroupRuleIds"}
    ),
    "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": Call(
        "ec2.DescribeSecurityGroupRules", {"filters": "Filters"}
    ),
}
"""What the program asks the account for."""

KNOWN: Mapping[str, str] = {
    "aws:index/getPartition:getPartition": "the provider knows it from its region",
    "aws:index/getRegion:getRegion": "the provider has been given it",
}
"""Look-ups without a request, with the reason."""
