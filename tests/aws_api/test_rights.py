"""Who deploys may make every request that the program comes to: each is in the row of its type (tools/iam/table.py)."""

import pytest

from tests.aws_api.calls import CALLS
from tools.iam.table import RIGHTS

SERVICES = {
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "migration-hub-refactor-spaces": "refactor-spaces",
    "stepfunctions": "states",
}
"""What IAM calls a service otherwise than botocore does."""
ACTIONS = {"s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock"}
VERBS = {"Create": "apigateway:POST", "Update": "apigateway:PATCH"}
"""Rights on an HTTP API are verbs on its paths."""


def action(operation: str) -> str:
    """The right to make a request such as `ecs.CreateService`."""
    service, _, name = operation.partition(".")
    if service == "apigatewayv2":
        return VERBS[name[:6]]
    found = f"{SERVICES.get(service, service)}:{name}"
    return ACTIONS.get(found, found)


@pytest.mark.parametrize("token", CALLS)
def test_the_row_of_a_type_has_its_requests(token: str) -> None:
    rights = RIGHTS[token]
    wanted = {action(call.of) for call in (*CALLS[token].made, *CALLS[token].changed)}
    assert wanted - {*rights.reads, *rights.writes} == set()
