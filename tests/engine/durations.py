"""How long AWS takes for what the board consists of, each figure with its source. docs/deployment-time.md shows them.

They are for comparisons of one order of work with another, not for a promise: regions, days and quotas differ.
"""

from dataclasses import dataclass

from tools.standin import apigateway, cloudwatch, dns, docker_image, ec2, ecr, ecs, elb, iam, security, target_groups
from tools.standin import refactorspaces as rs
from tools.standin import servicediscovery as sd

_COPILOT = "the output of Copilot in AWS's tutorial"
_VPC = "a log of Terraform, whose AWS provider pulumi-aws is made of: DevopsArtFactory/terraform-provisioning#4"
_ECS = "a log of Terraform: jina-ai/examples#277"
_RULES = "a log of Terraform: hashicorp-education/learn-terraform-variables#6"
_GROUPS = "a log of Terraform: DevopsArtFactory/terraform-provisioning#36"
_RULE = """logs of Terraform in public repositories, 0 s in each of five; Copilot's 3.5 s hold CloudFormation's share"""
_RECORD = "a log of Terraform, 38 s; hashicorp/terraform-provider-aws#11300, more than 20 s"
_VALID = "logs of Terraform: 2 s, and 61 s"
_CALL = "our estimate: one call that AWS answers at once"


@dataclass(frozen=True)
class Duration:
    """seconds: of one creation. source: where that comes from."""

    seconds: float
    source: str


CREATION: dict[str, Duration] = {
    ec2.VPC: Duration(21, _VPC),
    ec2.GATEWAY: Duration(1, _VPC),
    ec2.SUBNET: Duration(6, f"{_COPILOT}, 1.3 to 6.0 s"),
    ec2.ROUTE_TABLE: Duration(1, _VPC),
    ec2.ROUTE: Duration(1, _CALL),
    ec2.ASSOCIATION: Duration(1, _CALL),
    security.GROUP: Duration(6, f"{_COPILOT}, 1.4 to 5.9 s"),
    security.INGRESS: Duration(3, f"{_RULES}, 2 to 5 s"),
    security.EGRESS: Duration(3, f"{_RULES}, 2 to 5 s"),
    ecs.CLUSTER: Duration(11, f"{_ECS}, more than 10 s"),
    ecs.PROVIDERS: Duration(1, _CALL),
    sd.PRIVATE_DNS: Duration(49, f"{_COPILOT}, 46.3 and 48.9 s"),
    sd.SERVICE: Duration(1, _CALL),
    elb.BALANCER: Duration(123, _COPILOT),
    elb.LISTENER: Duration(1, _CALL),
    elb.RULE: Duration(1, _RULE),
    elb.LISTENER_CERTIFICATE: Duration(1, _CALL),
    dns.CERTIFICATE: Duration(11, "a log of Terraform: hashicorp/terraform#33507"),
    dns.RECORD: Duration(38, _RECORD),
    dns.VALIDATION: Duration(61, _VALID),
    target_groups.TARGET_GROUP: Duration(1, _GROUPS),
    ecr.REPOSITORY: Duration(3, _ECS),
    ecr.LIFECYCLE: Duration(1, _CALL),
    docker_image.IMAGE: Duration(60, "our estimate: a Node service built with an empty cache, and its push"),
    cloudwatch.LOG_GROUP: Duration(2, f"{_COPILOT}, 1.5 s"),
    iam.ROLE: Duration(4, _ECS),
    iam.ROLE_POLICY: Duration(1, _CALL),
    iam.ATTACHMENT: Duration(7, _ECS),
    ecs.TASK_DEFINITION: Duration(2, _ECS),
    ecs.SERVICE: Duration(117, f"{_COPILOT}: one task, until it is in steady state"),
    rs.ENVIRONMENT: Duration(5, "our estimate: without a network fabric AWS makes nothing for it"),
    rs.APPLICATION: Duration(303, "a load balancer as above, then a VPC link as below; AWS publishes no figure"),
    rs.SERVICE: Duration(5, "our estimate: a record of a URL"),
    rs.ROUTE: Duration(10, "our estimate: a health check and a deployment of the REST API"),
    apigateway.VPC_LINK: Duration(180, "API_CreateVpcLink: typically 2 to 4 minutes"),
    apigateway.API: Duration(1, _CALL),
    apigateway.INTEGRATION: Duration(1, _CALL),
    apigateway.ROUTE: Duration(1, _CALL),
    apigateway.STAGE: Duration(1, _CALL),
}
"""By type."""

ENVIRONMENTS = (78.3, 74.2, 74.2, 74.2)
"""Seconds of `copilot env deploy` in AWS's tutorial: it prints the first one and one of the others."""

SERVICES = (360.8, 360.8, 360.8, 360.8)
"""Seconds of `copilot svc deploy` there: it prints the first one."""
