"""A Copilot application's stacks, and in which order they go. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.copilot_exit.template import Template

APPLICATION, ENVIRONMENT, SERVICE, TASK = (
    "copilot-application",
    "copilot-environment",
    "copilot-service",
    "copilot-task",
)
"""Copilot's tags, on its stacks and on what is in them."""
KINDS = ("pipeline", "task", "workload", "environment", "region", "roles")
"""What a stack of Copilot's is for, in the order in which they can go. `region`: an instance of the StackSet."""


@dataclass(frozen=True)
class Resource:
    """What a stack has."""

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True)
class Stack:
    """A stack as it is on AWS, with the stacks that are nested in it."""

    name: str
    id: str
    status: str
    region: str
    tags: Mapping[str, str]
    parameters: Mapping[str, str]
    template: Template
    resources: Sequence[Resource]
    nested: Mapping[str, "Stack"] = field(default_factory=dict[str, "Stack"])
    """By their logical ids."""
    exports: Sequence[str] = ()
    """Names of its own exports, without those of nested stacks."""
    role: str = ""
    """The ARN of the role that CloudFormation deletes it with. Empty: the caller's."""
    protected: bool = False
    """Termination protection."""

    @property
    def environment(self) -> str:
        return self.tags.get(ENVIRONMENT, "")

    @property
    def workload(self) -> str:
        return self.tags.get(SERVICE, "")

    def with_nested(self) -> Iterator["Stack"]:
        """The stack and all within it."""
        yield self
        for stack in self.nested.values():
            yield from stack.with_nested()


def kind(application: str, name: str, tags: Mapping[str, str]) -> str:
    """What a stack is for, by its tags and by its name (Copilot's internal/pkg/deploy/cloudformation/stack)."""
    if name.startswith("pipeline-") or "copilot-pipeline" in tags:
        return "pipeline"
    if TASK in tags or name.startswith("task-"):
        return "task"
    if name.startswith(f"StackSet-{application}-infrastructure-"):
        return "region"
    if name == f"{application}-infrastructure-roles":
        return "roles"
    return "workload" if SERVICE in tags else "environment"


def belongs(application: str, environments: Iterable[str], name: str, tags: Mapping[str, str]) -> bool:
    """Whether a stack is the application's: by its tag, else by a name that Copilot gives."""
    if APPLICATION in tags:
        return tags[APPLICATION] == application
    own = [f"{application}-infrastructure-roles", *(f"{application}-{one}" for one in environments)]
    begins = [f"StackSet-{application}-infrastructure-", f"pipeline-{application}-", *(f"{one}-" for one in own[1:])]
    return name in own or name.startswith(tuple(begins))


def in_order(application: str, stacks: Sequence[Stack], importers: Mapping[str, Sequence[str]]) -> list[Stack]:
    """As they can be deleted: who imports an export goes before the stack that exports it.
    importers: names of stacks, by export."""
    left = sorted(stacks, key=lambda one: (KINDS.index(kind(application, one.name, one.tags)), one.region, one.name))
    ordered = list[Stack]()
    while left:
        names = {inner.name for stack in left for inner in stack.with_nested()}
        free = [stack for stack in left if not (_needed(stack, importers) & names)]
        chosen = (free or left)[0]
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


def _needed(stack: Stack, importers: Mapping[str, Sequence[str]]) -> set[str]:
    """The stacks that import what this one exports, and aren't within it."""
    own = {inner.name for inner in stack.with_nested()}
    exported = [name for inner in stack.with_nested() for name in inner.exports]
    return {importer for name in exported for importer in importers.get(name, ())} - own
