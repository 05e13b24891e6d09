"""CloudFormation's templates, as far as the way out of Copilot reads and writes them."""

import pytest

from tools.copilot_exit import template


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("!Not [!Equals [!Ref Users, '']]", True),
        ("!And [!Condition Used, !Equals [!Ref Https, true]]", True),
        ("!And [!Condition Used, !Equals [!Ref Https, false]]", False),
        ("!Or [!Equals [!Ref Users, ''], !Not [!Condition Used]]", False),
        ("{'Fn::Equals': [{Ref: Users}, 'api,web']}", True),
        ("!Equals [!Select [0, !Ref Users], api]", None),
        ("!And [!Equals [!Select [0, !Ref Users], api], !Equals [a, b]]", False),
        ("!Condition Itself", None),
    ],
)
def test_a_condition_is_read_as_cloudformation_reads_it(condition: str, holds: bool | None) -> None:
    text = f"Conditions: {{Used: !Not [!Equals [!Ref Users, '']], Itself: !Condition Itself, Asked: {condition}}}"
    given = {"Users": "api,web", "Https": "true"}
    assert template.condition(template.read(text), "Asked", given) is holds


@pytest.mark.parametrize(
    ("resource", "policy"),
    [
        ("{Type: 'AWS::RDS::DBCluster'}", "Snapshot"),
        ("{Type: 'AWS::RDS::DBInstance'}", "Snapshot"),
        ("{Type: 'AWS::RDS::DBInstance', Properties: {DBClusterIdentifier: !Ref C}}", "Delete"),
        ("{Type: 'AWS::RDS::DBCluster', DeletionPolicy: Delete}", "Delete"),
        ("{Type: 'AWS::EFS::FileSystem'}", "Delete"),
        ("{Type: 'Custom::X', DeletionPolicy: Retain}", "Retain"),
    ],
)
def test_without_a_deletion_policy_awss_own_default_counts(resource: str, policy: str) -> None:
    assert template.policy(template.read(f"Resources: {{A: {resource}}}"), "A") == policy


def test_a_kept_template_has_the_short_tags_in_their_long_form_and_no_dates() -> None:
    resource = "{Type: T, Properties: {B: !GetAtt C.D.E, F: !Sub '${G}'}}"
    text = f"AWSTemplateFormatVersion: 2010-09-09\nResources: {{A: {resource}}}"
    assert template.retained(template.read(text), {}) == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "A": {
                "Type": "T",
                "Properties": {"B": {"Fn::GetAtt": ["C", "D.E"]}, "F": {"Fn::Sub": "${G}"}},
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
            }
        },
    }
