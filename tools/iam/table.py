"""Which IAM actions each resource type needs. A new type needs a row here; tests/quality/test_iam.py says so.

Sources: the permissions of the handlers in AWS's CloudFormation schemas, without those of features that the program
doesn't use, and what pulumi-aws calls besides. The test compares each row with the schema.
"""

from dataclasses import dataclass

SERVICE_LINKED_ROLES = {
    "ecs.amazonaws.com": "aws:ecs/cluster:Cluster",
    "elasticloadbalancing.amazonaws.com": "aws:lb/loadBalancer:LoadBalancer",
    "ecs.application-autoscaling.amazonaws.com": "aws:appautoscaling/target:Target",
    "elasticfilesystem.amazonaws.com": "aws:efs/fileSystem:FileSystem",
    "backup.amazonaws.com": "aws:efs/backupPolicy:BackupPolicy",
    "ops.apigateway.amazonaws.com": "aws:apigatewayv2/vpcLink:VpcLink",
    "refactor-spaces.amazonaws.com": "aws-native:refactorspaces:Environment",
}
"""AWS's own roles that appear with the first use of a service in an account, and the type that needs each (the page on
service-linked roles in that service's guide)."""


@dataclass(frozen=True)
class Rights:
    """Actions by what they are for, separated by spaces. read: what a preview and a refresh need."""

    read: str = ""
    create: str = ""
    update: str = ""
    delete: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(self.read.split())

    @property
    def writes(self) -> tuple[str, ...]:
        return tuple(f"{self.create} {self.update} {self.delete}".split())


_EC2_TAGS = "ec2:CreateTags ec2:DeleteTags"
_ELB_TAGS = "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags"
_ECS_TAGS = "ecs:TagResource ecs:UntagResource"
_RS_TAGS = "refactor-spaces:TagResource refactor-spaces:UntagResource"
_LINKED = "iam:CreateServiceLinkedRole"
_API = Rights("apigateway:GET", "apigateway:POST apigateway:PUT", "apigateway:PATCH", "apigateway:DELETE")
_API_TAGGED = Rights(
    "apigateway:GET",
    "apigateway:POST apigateway:PUT apigateway:TagResource",
    "apigateway:PATCH apigateway:UntagResource",
    "apigateway:DELETE",
)

RIGHTS: dict[str, Rights] = {
    "aws-native:refactorspaces:Application": Rights(
        "refactor-spaces:GetApplication refactor-spaces:ListTagsForResource",
        f"refactor-spaces:CreateApplication ec2:ModifyVpcEndpointServicePermissions {_RS_TAGS} {_LINKED}",
        "",
        "refactor-spaces:DeleteApplication",
    ),
    "aws-native:refactorspaces:Environment": Rights(
        "refactor-spaces:GetEnvironment refactor-spaces:ListTagsForResource",
        f"refactor-spaces:CreateEnvironment {_RS_TAGS} {_LINKED}",
        "",
        "refactor-spaces:DeleteEnvironment",
    ),
    "aws-native:refactorspaces:Route": Rights(
        "refactor-spaces:GetRoute refactor-spaces:ListTagsForResource tag:GetResources",
        f"refactor-spaces:CreateRoute {_RS_TAGS}",
        "refactor-spaces:UpdateRoute",
        "refactor-spaces:DeleteRoute",
    ),
    "aws-native:refactorspaces:Service": Rights(
        "refactor-spaces:GetService refactor-spaces:ListTagsForResource",
        f"refactor-spaces:CreateService {_RS_TAGS}",
        "",
        "refactor-spaces:DeleteService",
    ),
    "aws:acm/certificate:Certificate": Rights(
        "acm:DescribeCertificate acm:ListTagsForCertificate",
        "acm:RequestCertificate acm:AddTagsToCertificate",
        "acm:RemoveTagsFromCertificate",
        "acm:DeleteCertificate",
    ),
    "aws:acm/certificateValidation:CertificateValidation": Rights("acm:DescribeCertificate"),
    "aws:apigatewayv2/api:Api": _API_TAGGED,
    "aws:apigatewayv2/apiMapping:ApiMapping": _API,
    "aws:apigatewayv2/domainName:DomainName": Rights(
        "apigateway:GET",
        "apigateway:POST apigateway:PUT apigateway:TagResource apigateway:AddCertificateToDomain",
        "apigateway:PATCH apigateway:UntagResource apigateway:RemoveCertificateFromDomain",
        "apigateway:DELETE",
    ),
    "aws:apigatewayv2/integration:Integration": _API,
    "aws:apigatewayv2/route:Route": _API,
    "aws:apigatewayv2/stage:Stage": Rights(
        "apigateway:GET logs:DescribeLogGroups",
        # Access logs are a log delivery, which API Gateway sets up in the caller's name (API Gateway guide,
        # "Permissions to activate logging"; CloudWatch Logs guide, "Logging that requires additional permissions
        # [V1]"). The first lists rights to read the logs too: those are for people.
        "apigateway:POST apigateway:PUT apigateway:TagResource logs:CreateLogDelivery logs:PutResourcePolicy"
        " logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries",
        "apigateway:PATCH apigateway:UntagResource logs:UpdateLogDelivery",
        "apigateway:DELETE logs:DeleteLogDelivery",
    ),
    "aws:apigatewayv2/vpcLink:VpcLink": Rights(
        "apigateway:GET",
        f"apigateway:POST apigateway:PUT apigateway:TagResource {_LINKED}",
        "apigateway:PATCH apigateway:UntagResource",
        "apigateway:DELETE",
    ),
    "aws:appautoscaling/policy:Policy": Rights(
        "application-autoscaling:DescribeScalingPolicies cloudwatch:DescribeAlarms cloudwatch:GetMetricData",
        "application-autoscaling:PutScalingPolicy cloudwatch:PutMetricAlarm",
        "",
        "application-autoscaling:DeleteScalingPolicy cloudwatch:DeleteAlarms",
    ),
    "aws:appautoscaling/target:Target": Rights(
        "application-autoscaling:DescribeScalableTargets application-autoscaling:ListTagsForResource"
        " cloudwatch:DescribeAlarms",
        f"application-autoscaling:RegisterScalableTarget application-autoscaling:TagResource {_LINKED}",
        "application-autoscaling:UntagResource",
        "application-autoscaling:DeregisterScalableTarget",
    ),
    "aws:cloudwatch/dashboard:Dashboard": Rights(
        "cloudwatch:GetDashboard cloudwatch:ListTagsForResource",
        "cloudwatch:PutDashboard cloudwatch:TagResource",
        "cloudwatch:UntagResource",
        "cloudwatch:DeleteDashboards",
    ),
    "aws:cloudwatch/eventRule:EventRule": Rights(
        "events:DescribeRule events:ListTagsForResource",
        "events:PutRule events:TagResource",
        "events:UntagResource",
        "events:DeleteRule",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Rights(
        "events:ListTargetsByRule", "events:PutTargets", "", "events:RemoveTargets"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Rights(
        "logs:DescribeLogGroups logs:ListTagsForResource",
        "logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource",
        "logs:DeleteRetentionPolicy logs:UntagResource",
        "logs:DeleteLogGroup",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Rights(
        "cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm cloudwatch:TagResource",
        "cloudwatch:UntagResource",
        "cloudwatch:DeleteAlarms",
    ),
    "aws:ec2/eip:Eip": Rights(
        "ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
        f"ec2:AllocateAddress {_EC2_TAGS}",
        "",
        "ec2:ReleaseAddress ec2:DisassociateAddress",
    ),
    "aws:ec2/flowLog:FlowLog": Rights(
        "ec2:DescribeFlowLogs",
        f"ec2:CreateFlowLogs iam:PassRole {_EC2_TAGS}",
        "",
        "ec2:DeleteFlowLogs",
    ),
    "aws:ec2/internetGateway:InternetGateway": Rights(
        "ec2:DescribeInternetGateways",
        f"ec2:CreateInternetGateway ec2:AttachInternetGateway {_EC2_TAGS}",
        "",
        "ec2:DetachInternetGateway ec2:DeleteInternetGateway",
    ),
    "aws:ec2/natGateway:NatGateway": Rights(
        "ec2:DescribeNatGateways", f"ec2:CreateNatGateway {_EC2_TAGS}", "", "ec2:DeleteNatGateway"
    ),
    "aws:ec2/route:Route": Rights(
        "ec2:DescribeRouteTables ec2:DescribeNetworkInterfaces",
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        "ec2:DeleteRoute",
    ),
    "aws:ec2/routeTable:RouteTable": Rights(
        "ec2:DescribeRouteTables", f"ec2:CreateRouteTable {_EC2_TAGS}", "", "ec2:DeleteRouteTable"
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Rights(
        "ec2:DescribeRouteTables ec2:DescribeSubnets",
        "ec2:AssociateRouteTable",
        "ec2:ReplaceRouteTableAssociation",
        "ec2:DisassociateRouteTable",
    ),
    "aws:ec2/securityGroup:SecurityGroup": Rights(
        "ec2:DescribeSecurityGroups ec2:DescribeSecurityGroupRules ec2:DescribeNetworkInterfaces",
        f"ec2:CreateSecurityGroup ec2:RevokeSecurityGroupEgress {_EC2_TAGS}",
        "",
        "ec2:DeleteSecurityGroup ec2:RevokeSecurityGroupIngress",
    ),
    "aws:ec2/subnet:Subnet": Rights(
        "ec2:DescribeSubnets ec2:DescribeNetworkAcls ec2:DescribeNetworkInterfaces ec2:DescribeAvailabilityZones",
        f"ec2:CreateSubnet {_EC2_TAGS}",
        "ec2:ModifySubnetAttribute",
        "ec2:DeleteSubnet",
    ),
    "aws:ec2/vpc:Vpc": Rights(
        "ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls ec2:DescribeRouteTables"
        " ec2:DescribeSecurityGroups",
        f"ec2:CreateVpc {_EC2_TAGS}",
        "ec2:ModifyVpcAttribute",
        "ec2:DeleteVpc",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Rights(
        "ecr:GetLifecyclePolicy", "ecr:PutLifecyclePolicy", "", "ecr:DeleteLifecyclePolicy"
    ),
    "aws:ecr/repository:Repository": Rights(
        "ecr:DescribeRepositories ecr:ListTagsForResource",
        "ecr:CreateRepository ecr:TagResource",
        "ecr:PutImageScanningConfiguration ecr:PutImageTagMutability ecr:UntagResource",
        "ecr:DeleteRepository ecr:BatchDeleteImage",
    ),
    "aws:ecs/cluster:Cluster": Rights(
        "ecs:DescribeClusters ecs:ListTagsForResource",
        f"ecs:CreateCluster {_ECS_TAGS} {_LINKED}",
        "ecs:UpdateCluster ecs:UpdateClusterSettings",
        "ecs:DeleteCluster",
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Rights(
        "ecs:DescribeClusters ecs:DescribeCapacityProviders", "ecs:PutClusterCapacityProviders"
    ),
    "aws:ecs/service:Service": Rights(
        "ecs:DescribeServices ecs:ListServiceDeployments ecs:DescribeServiceDeployments ecs:ListTagsForResource"
        " ecs:DescribeServiceRevisions ecs:ListTasks ecs:DescribeTasks",
        f"ecs:CreateService iam:PassRole {_ECS_TAGS}",
        "ecs:UpdateService ecs:StopServiceDeployment",
        "ecs:DeleteService",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Rights(
        "ecs:DescribeTaskDefinition ecs:ListTagsForResource iam:GetRole",
        f"ecs:RegisterTaskDefinition iam:PassRole {_ECS_TAGS}",
        "",
        "ecs:DeregisterTaskDefinition",
    ),
    "aws:efs/accessPoint:AccessPoint": Rights(
        "elasticfilesystem:DescribeAccessPoints elasticfilesystem:ListTagsForResource",
        "elasticfilesystem:CreateAccessPoint elasticfilesystem:TagResource",
        "elasticfilesystem:UntagResource",
        "elasticfilesystem:DeleteAccessPoint",
    ),
    "aws:efs/backupPolicy:BackupPolicy": Rights(
        "elasticfilesystem:DescribeBackupPolicy", f"elasticfilesystem:PutBackupPolicy {_LINKED}"
    ),
    "aws:efs/fileSystem:FileSystem": Rights(
        "elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeLifecycleConfiguration"
        " elasticfilesystem:DescribeReplicationConfigurations elasticfilesystem:ListTagsForResource",
        f"elasticfilesystem:CreateFileSystem elasticfilesystem:PutLifecycleConfiguration"
        f" elasticfilesystem:TagResource {_LINKED}",
        "elasticfilesystem:UpdateFileSystem elasticfilesystem:UntagResource",
        "elasticfilesystem:DeleteFileSystem",
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": Rights(
        "elasticfilesystem:DescribeFileSystemPolicy",
        "elasticfilesystem:PutFileSystemPolicy",
        "",
        "elasticfilesystem:DeleteFileSystemPolicy",
    ),
    "aws:efs/mountTarget:MountTarget": Rights(
        "elasticfilesystem:DescribeMountTargets elasticfilesystem:DescribeMountTargetSecurityGroups"
        " ec2:DescribeSubnets ec2:DescribeNetworkInterfaces",
        "elasticfilesystem:CreateMountTarget ec2:CreateNetworkInterface",
        "elasticfilesystem:ModifyMountTargetSecurityGroups ec2:ModifyNetworkInterfaceAttribute",
        "elasticfilesystem:DeleteMountTarget ec2:DeleteNetworkInterface",
    ),
    "aws:iam/role:Role": Rights(
        "iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies iam:ListRoleTags"
        " iam:ListInstanceProfilesForRole",
        "iam:CreateRole iam:TagRole",
        "iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy iam:UntagRole",
        "iam:DeleteRole",
    ),
    "aws:iam/rolePolicy:RolePolicy": Rights("iam:GetRolePolicy", "iam:PutRolePolicy", "", "iam:DeleteRolePolicy"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Rights(
        "iam:ListAttachedRolePolicies", "iam:AttachRolePolicy", "", "iam:DetachRolePolicy"
    ),
    "aws:kms/key:Key": Rights(
        "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
        "kms:CreateKey kms:TagResource",
        "kms:DisableKey kms:DisableKeyRotation kms:EnableKey kms:EnableKeyRotation kms:PutKeyPolicy"
        " kms:UntagResource kms:UpdateKeyDescription",
        "kms:ScheduleKeyDeletion",
    ),
    "aws:lambda/permission:Permission": Rights(
        "lambda:GetPolicy",
        "lambda:AddPermission",
        "",
        "lambda:RemovePermission",
    ),
    "aws:lb/listener:Listener": Rights(
        "elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeListenerAttributes"
        " elasticloadbalancing:DescribeTags",
        f"elasticloadbalancing:CreateListener {_ELB_TAGS}",
        "elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:DeleteListener",
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": Rights(
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:AddListenerCertificates",
        "",
        "elasticloadbalancing:RemoveListenerCertificates",
    ),
    "aws:lb/listenerRule:ListenerRule": Rights(
        "elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTags",
        f"elasticloadbalancing:CreateRule {_ELB_TAGS}",
        "elasticloadbalancing:ModifyRule elasticloadbalancing:SetRulePriorities",
        "elasticloadbalancing:DeleteRule",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Rights(
        "elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeLoadBalancerAttributes"
        " elasticloadbalancing:DescribeCapacityReservation elasticloadbalancing:DescribeTags"
        " ec2:DescribeNetworkInterfaces ec2:DescribeAccountAttributes",
        f"elasticloadbalancing:CreateLoadBalancer {_ELB_TAGS} {_LINKED}",
        "elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:SetSecurityGroups"
        " elasticloadbalancing:SetSubnets elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:DeleteLoadBalancer",
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Rights(
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:RegisterTargets",
        "",
        "elasticloadbalancing:DeregisterTargets",
    ),
    "aws:lb/targetGroup:TargetGroup": Rights(
        "elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetGroupAttributes"
        " elasticloadbalancing:DescribeTargetHealth elasticloadbalancing:DescribeTags ec2:DescribeVpcs",
        f"elasticloadbalancing:CreateTargetGroup {_ELB_TAGS}",
        "elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:DeleteTargetGroup",
    ),
    "aws:route53/record:Record": Rights(
        "route53:GetHostedZone route53:ListResourceRecordSets route53:GetChange",
        "route53:ChangeResourceRecordSets",
        "",
        "",
    ),
    "aws:route53/zone:Zone": Rights(
        "route53:GetHostedZone route53:ListTagsForResource route53:GetChange ec2:DescribeVpcs",
        "route53:CreateHostedZone route53:AssociateVPCWithHostedZone route53:ChangeTagsForResource",
        "route53:UpdateHostedZoneComment route53:DisassociateVPCFromHostedZone",
        "route53:DeleteHostedZone",
    ),
    "aws:s3/bucket:Bucket": Rights(
        "s3:ListBucket s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning"
        " s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetBucketLogging s3:GetLifecycleConfiguration"
        " s3:GetReplicationConfiguration s3:GetEncryptionConfiguration s3:GetBucketObjectLockConfiguration"
        " s3:GetBucketTagging s3:ListBucketVersions",
        "s3:CreateBucket s3:PutBucketTagging",
        "",
        # A bucket that goes is emptied before.
        "s3:DeleteBucket s3:DeleteObject s3:DeleteObjectVersion",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Rights("s3:GetBucketPolicy", "s3:PutBucketPolicy", "", "s3:DeleteBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Rights(
        "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Rights(
        "servicediscovery:GetNamespace servicediscovery:GetOperation servicediscovery:ListTagsForResource"
        " servicediscovery:ListNamespaces route53:GetHostedZone route53:ListHostedZonesByName ec2:DescribeVpcs"
        " ec2:DescribeRegions",
        "servicediscovery:CreatePrivateDnsNamespace servicediscovery:TagResource route53:CreateHostedZone"
        " route53:AssociateVPCWithHostedZone",
        "servicediscovery:UpdatePrivateDnsNamespace servicediscovery:UntagResource route53:ChangeResourceRecordSets",
        "servicediscovery:DeleteNamespace route53:DeleteHostedZone",
    ),
    "aws:servicediscovery/service:Service": Rights(
        "servicediscovery:GetService servicediscovery:GetServiceAttributes servicediscovery:GetOperation"
        " servicediscovery:GetNamespace servicediscovery:ListServices servicediscovery:ListInstances"
        " servicediscovery:ListTagsForResource",
        "servicediscovery:CreateService servicediscovery:TagResource",
        "servicediscovery:UpdateService servicediscovery:UntagResource",
        # With forceDestroy, pulumi-aws takes the instances out first that ECS has left.
        "servicediscovery:DeregisterInstance servicediscovery:DeleteService route53:ChangeResourceRecordSets",
    ),
    "aws:sfn/stateMachine:StateMachine": Rights(
        # Its definition is looked at in a plan (hashicorp/terraform-provider-aws, pull request 39229).
        "states:DescribeStateMachine states:ListTagsForResource states:ListStateMachineVersions"
        " states:ValidateStateMachineDefinition",
        "states:CreateStateMachine states:TagResource",
        "states:UpdateStateMachine states:UntagResource",
        "states:DeleteStateMachine",
    ),
    "aws:sns/topic:Topic": Rights(
        "sns:GetTopicAttributes sns:ListTagsForResource",
        "sns:CreateTopic sns:SetTopicAttributes sns:TagResource",
        "sns:UntagResource",
        "sns:DeleteTopic",
    ),
    "aws:sns/topicPolicy:TopicPolicy": Rights("sns:GetTopicAttributes", "sns:SetTopicAttributes"),
    "aws:sns/topicSubscription:TopicSubscription": Rights(
        "sns:GetSubscriptionAttributes", "sns:Subscribe", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"
    ),
    # In a queue with a key, SNS's and the tasks' rights are what counts: the program sends and receives nothing.
    "aws:sqs/queue:Queue": Rights(
        "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
        "sqs:CreateQueue sqs:TagQueue",
        "sqs:SetQueueAttributes sqs:UntagQueue",
        "sqs:DeleteQueue",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Rights("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"),
    "aws:sqs/redrivePolicy:RedrivePolicy": Rights("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Rights(
        "ec2:DescribeSecurityGroupRules",
        f"ec2:AuthorizeSecurityGroupEgress {_EC2_TAGS}",
        "ec2:ModifySecurityGroupRules ec2:UpdateSecurityGroupRuleDescriptionsEgress",
        "ec2:RevokeSecurityGroupEgress",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Rights(
        "ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups",
        f"ec2:AuthorizeSecurityGroupIngress {_EC2_TAGS}",
        "ec2:ModifySecurityGroupRules ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        "ec2:RevokeSecurityGroupIngress",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Rights(
        "wafv2:GetWebACLForResource",
        "wafv2:AssociateWebACL elasticloadbalancing:SetWebACL",
        "",
        "wafv2:DisassociateWebACL",
    ),
    "docker:index/image:Image": Rights(
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:InitiateLayerUpload"
        " ecr:UploadLayerPart ecr:CompleteLayerUpload ecr:PutImage",
    ),
}

COMMANDS: dict[str, Rights] = {
    "services.<name>.before": Rights(
        "ecs:DescribeTaskDefinition",
        "ecs:RunTask ecs:DescribeTasks logs:GetLogEvents iam:PassRole",
        "",
        "ecs:StopTask",
    ),
    # What a function is configured with has its variables: a preview asks nothing, and need not read them.
    "services.<name>.check": Rights(
        "elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeLoadBalancers"
        " elasticloadbalancing:DescribeTargetHealth",
        "lambda:GetFunctionConfiguration",
    ),
}
"""What boto3 calls in an `up`, by the key of the config: components/aws/command.py, components/aws/first_requests.py.
What it reads for a command, it reads of a task that it has started: a preview starts none."""

LOOKUPS: dict[str, Rights] = {
    "aws:index/getRegion:getRegion": Rights(),
    "aws:index/getPartition:getPartition": Rights(),
    "aws:index/getCallerIdentity:getCallerIdentity": Rights("sts:GetCallerIdentity"),
    "aws:index/getAvailabilityZones:getAvailabilityZones": Rights("ec2:DescribeAvailabilityZones"),
    "aws:ec2/getVpc:getVpc": Rights("ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeRouteTables"),
    "aws:ec2/getSubnet:getSubnet": Rights("ec2:DescribeSubnets"),
    "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": Rights("ec2:DescribeNetworkInterfaces"),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": Rights("ecr:GetAuthorizationToken"),
    "aws:ecs/getService:getService": Rights("ecs:DescribeServices"),
    # terraform-provider-aws, internal/service/elbv2, the data sources: what they describe, its attributes and its tags.
    "aws:lb/getListener:getListener": Rights(
        "elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeListenerAttributes"
        " elasticloadbalancing:DescribeTags"
    ),
    "aws:lb/getListenerRule:getListenerRule": Rights(
        "elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTags"
    ),
    "aws:lb/getLoadBalancer:getLoadBalancer": Rights(
        "elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeLoadBalancerAttributes"
        " elasticloadbalancing:DescribeTags"
    ),
    "aws:lb/getTargetGroup:getTargetGroup": Rights(
        "elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetGroupAttributes"
        " elasticloadbalancing:DescribeTags"
    ),
    "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": Rights("ec2:DescribeSecurityGroupRules"),
    "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": Rights("ec2:DescribeSecurityGroupRules"),
    "aws:cloudformation/getStack:getStack": Rights("cloudformation:DescribeStacks cloudformation:GetTemplate"),
    "aws:resourcegroupstaggingapi/getResources:getResources": Rights("tag:GetResources"),
    "aws:cloudformation/getExport:getExport": Rights("cloudformation:ListExports"),
    "aws:sns/getTopic:getTopic": Rights("sns:ListTopics sns:ListTagsForResource"),
}
"""What is asked of the account besides: by the program, and by awsx."""
