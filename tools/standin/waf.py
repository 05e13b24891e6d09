"""Web ACLs of AWS WAF and what they are associated with."""

from __future__ import annotations

from typing import Final

from tools.standin import elb
from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Ref, refuse

WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"


def web_acl_of(snapshot: Snapshot, resource: str) -> str | None:
    """The ARN of the web ACL that filters requests to a resource."""
    found = (item for item in snapshot.where(ASSOCIATION, resourceArn=resource) if not item.hidden.get("parted"))
    return next((str(item["webAclArn"]) for item in found), None)


def _association_verify(call: Call) -> None:
    acl = call.snapshot.one(WEB_ACL, arn=call.inputs["webAclArn"])
    refuse(
        acl is not None and acl["scope"] != "REGIONAL",
        "WAFInvalidParameterException",
        "a web ACL with the scope CLOUDFRONT is associated by its distribution",
    )
    # WAF API, AssociateWebACL: ResourceArn; of load balancers, only `loadbalancer/app/...`.
    balancer = call.snapshot.get(elb.BALANCER, call.inputs["resourceArn"])
    refuse(
        balancer is None or balancer["loadBalancerType"] == "network",
        "WAFInvalidParameterException",
        f"The ARN isn't valid: {call.inputs['resourceArn']}",
    )


def _part(call: Call, before: Object) -> Object:
    """DisassociateWebACL names the resource alone: whatever is associated with it by then is parted from it."""
    for item in call.others(ASSOCIATION):
        if item["resourceArn"] == before["resourceArn"]:
            call.cloud.change(item, parted=True)
    return before


KINDS: Final = (
    Kind(
        WEB_ACL,
        lambda call: call.cloud.new_id("", 36),
        autoname=AutoName(maximum=128),
        in_use_code="WAFAssociatedItemException",
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("wafv2", f"regional/webacl/{call.inputs['name']}/{identifier}")
        },
    ),
    Kind(
        ASSOCIATION,
        lambda call: f"{call.inputs['webAclArn']},{call.inputs['resourceArn']}",
        cfn="AWS::WAFv2::WebACLAssociation",
        unique=("resourceArn",),
        puts=True,
        refs=(
            Ref("webAclArn", WEB_ACL, ("arn",), code="WAFNonexistentItemException"),
            Ref("resourceArn", elb.BALANCER, blocks=False, code="WAFNonexistentItemException"),
        ),
        verify=_association_verify,
        drain=_part,
    ),
)
