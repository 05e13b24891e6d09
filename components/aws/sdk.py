"""boto3, for what no resource and no look-up of Pulumi's does: it is imported only where that is wanted, as
`requirements.txt` is without it. It has no types."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, cast


def is_missing() -> bool:
    """Whether boto3 isn't there."""
    try:
        return find_spec("boto3") is None
    except ValueError:  # something has marked it as missing
        return True


def session(region: str, profile: str | None) -> Any:
    """What makes clients. profile: as `aws:profile` names it; None: as the environment says."""
    import boto3  # pyright: ignore[reportMissingTypeStubs]

    return cast("Any", boto3).Session(profile_name=profile, region_name=region)


@contextmanager
def one_line(error: type[Exception]) -> Generator[None]:
    """boto3's failures, each as an error whose text is a line."""
    from botocore import exceptions  # pyright: ignore[reportMissingTypeStubs]

    try:
        yield
    except exceptions.NoCredentialsError:
        raise error("boto3 found no AWS credentials; log in, or set AWS_PROFILE") from None
    except (exceptions.ClientError, exceptions.BotoCoreError) as problem:
        raise error(f"the AWS request failed: {' '.join(str(problem).split())}") from None
