"""A service on AWS to which nothing leads from outside: Copilot's Backend Service, from plain resources."""

import pulumi

from components.aws.service.fargate_service import FargateService, FargateServiceArgs


class BackendService(FargateService):
    """`strangler:index:BackendService`: a service on Fargate that others of its environment find by its name."""

    def __init__(self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("BackendService", name, args, opts)
        self.run([], [], None)
        self.register_outputs({"image": self.image, "serviceName": self.service_name})
