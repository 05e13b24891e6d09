"""A task on AWS that runs at times and on demand: Copilot's Scheduled Job, from plain resources."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.aws.plan import iam_policies, state_machine
from components.aws.service.fargate_task import Defined, FargateTask, FargateTaskArgs
from components.aws.service.roles import allow
from components.manifest.manifest import Job
from components.manifest.schedule import Schedule


class ScheduledJob(FargateTask):
    """`strangler:index:ScheduledJob`: a state machine that runs a task to its end, and the rule that starts it."""

    machine: pulumi.Output[str]
    """ARN of the state machine."""

    def __init__(self, name: str, args: FargateTaskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ScheduledJob", name, args, opts)
        job = self.context.manifest.job or Job(Schedule())
        machine = self._machine(job, self.define())
        self.machine = machine.arn
        self._rule(job.schedule)
        self.keep(machine)
        self.register_outputs({"image": self.image, "machine": self.machine})

    @property
    def found_by(self) -> Mapping[str, pulumi.Input[object]]:
        """What finds it: see RunningService."""
        return {**super().found_by, "stateMachine": self.machine}

    def _role(self, what: str, service: str, description: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self.context.name}-{what}",
            assume_role_policy=self.context.aws.account.apply(
                lambda account: iam_policies.trust_service(service, account)
            ),
            description=description,
            tags=self.context.tags,
            opts=self.context.child,
        )

    def _machine(self, job: Job, defined: Defined) -> aws.sfn.StateMachine:
        context, environment = self.context, self.context.environment
        role = self._role("machine", "states", "Runs the task of the job")
        rights = pulumi.Output.all(
            roles=[defined.roles.execution, defined.roles.task],
            cluster=environment.cluster_arn,
            task_definition=defined.definition.arn,
            events=pulumi.Output.format(
                "arn:{0}:events:{1}:{2}:rule", context.aws.partition, context.aws.region, context.aws.account
            ),
        ).apply(lambda known: iam_policies.run_task(**known))
        allowed = allow(f"{context.name}-machine", role.name, rights, context.child)
        definition = pulumi.Output.all(
            partition=context.aws.partition,
            cluster=environment.cluster_arn,
            task_definition=defined.definition.arn,
            subnets=context.subnets,
            security_groups=context.security_groups,
            public=context.public,
        ).apply(lambda known: state_machine.definition(job, state_machine.Placed(**known)))
        return aws.sfn.StateMachine(
            context.name,
            definition=definition,
            role_arn=role.arn,
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                level="ALL",
                include_execution_data=True,
                log_destination=defined.logs.arn.apply(lambda arn: f"{arn.removesuffix(':*')}:*"),
            ),
            tags=context.tags,
            # It is looked at whether its role may write the log.
            opts=pulumi.ResourceOptions.merge(
                context.child, pulumi.ResourceOptions(depends_on=[*environment.needs, allowed, *defined.needs])
            ),
        )

    def _rule(self, schedule: Schedule) -> None:
        context = self.context
        role = self._role("schedule", "events", "Starts the job at its times")
        rights = self.machine.apply(iam_policies.start_execution)
        allowed = allow(f"{context.name}-schedule", role.name, rights, context.child)
        rule = aws.cloudwatch.EventRule(
            context.name,
            schedule_expression=schedule.expression,
            state="ENABLED" if schedule.enabled else "DISABLED",
            description=f"When {context.name} runs by itself",
            tags=context.tags,
            opts=context.child,
        )
        aws.cloudwatch.EventTarget(
            context.name,
            rule=rule.name,
            arn=self.machine,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions.merge(context.child, pulumi.ResourceOptions(depends_on=[allowed])),
        )
