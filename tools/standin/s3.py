"""Buckets for access logs, no more than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref
from tools.standin.values import Props

BUCKET: Final = "aws:s3/bucket:Bucket"
_REF: Final = Ref("bucket", BUCKET, ("id", "bucket"), blocks=False, code="NoSuchBucket")
_SATELLITES: Final = (
    "bucketPolicy:BucketPolicy",
    "bucketPublicAccessBlock:BucketPublicAccessBlock",
    "bucketOwnershipControls:BucketOwnershipControls",
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "bucketVersioning:BucketVersioning",
)
_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
"""What S3 keeps to itself (S3 user guide, "General purpose bucket naming rules")."""


def _bucket_problems(inputs: Props) -> Iterator[Problem]:
    name = inputs.get("bucket")
    if isinstance(name, str) and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name):
        yield "bucket", f"is {name!r}; accepted: 3 to 63 lower case letters, digits, . and -"
    elif isinstance(name, str) and (name.startswith(_PREFIXES) or name.endswith(_SUFFIXES)):
        yield (
            "bucket",
            f"is {name!r}; S3 keeps what begins with {', '.join(_PREFIXES)} or ends with {', '.join(_SUFFIXES)}",
        )
    elif isinstance(name, str) and (".." in name or re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", name)):
        yield "bucket", f"is {name!r}; accepted: no two dots side by side, and no address"


def _bucket_outputs(call: Call, identifier: str) -> Props:
    return {
        "arn": f"arn:aws:s3:::{identifier}",
        "bucket": identifier,
        "bucketDomainName": f"{identifier}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{identifier}.s3.{call.settings.region}.amazonaws.com",
    }


KINDS: Final = (
    Kind(
        BUCKET,
        lambda call: str(call.get("bucket") or call.cloud.new_id(call.get("bucketPrefix", "bucket-"), 12)),
        autoname=AutoName("bucket", 63, lower=True),
        unique=("bucket",),
        unique_code="BucketAlreadyExists",
        replace=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
        problems=_bucket_problems,
        outputs=_bucket_outputs,
    ),
    *(
        Kind(
            f"aws:s3/{token}",
            lambda call: str(call.inputs["bucket"]),
            replace=frozenset({"bucket"}),
            json_texts=frozenset({"policy"} if "Policy" in token else ()),
            refs=(_REF,),
        )
        for token in _SATELLITES
    ),
)
