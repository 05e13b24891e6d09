"""What becomes of everything when the stacks go, in their order. Pure but for the look at what a resource holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tools.copilot_exit import functions, holdings, template
from tools.copilot_exit.account import Application
from tools.copilot_exit.contents import Content
from tools.copilot_exit.stacks import Resource, Stack, in_order, kind

Look = Callable[[Resource, str], Content | None]
_STOPS = ("AWS::S3::Bucket", "AWS::ECR::Repository")
"""CloudFormation doesn't delete these unless they are empty (template reference)."""


@dataclass(frozen=True)
class Loss:
    """What holds data, and a delete would destroy."""

    path: str
    """Logical ids, from the stack down."""
    resource: Resource
    kind: holdings.Kind
    holds: str
    how: str


@dataclass
class Fate:
    """What a delete of one stack does."""

    stack: Stack
    kind: str
    lost: list[Loss] = field(default_factory=list[Loss])
    kept: list[str] = field(default_factory=list[str])
    """What stays, as text: by its policy, as a snapshot, or known to be empty."""
    deleted: int = 0
    """How many resources without data go."""
    blocks: list[str] = field(default_factory=list[str])
    acts: list[str] = field(default_factory=list[str])
    """What Copilot's own functions do."""
    waits_for: list[str] = field(default_factory=list[str])
    """Stacks that have to go before."""


def fates(found: Application, look: Look, role_exists: Callable[[Stack], bool]) -> list[Fate]:
    """Of all stacks, in the order in which they can be deleted."""
    ordered = in_order(found.name, found.stacks, found.importers)
    environments = {
        (stack.environment, stack.region): stack
        for stack in ordered
        if kind(found.name, stack.name, stack.tags) == "environment"
    }
    left = {key: dict(stack.parameters) for key, stack in environments.items()}
    gone, fates = dict[str, set[str]](), list[Fate]()
    for stack in ordered:
        fate = Fate(stack, kind(found.name, stack.name, stack.tags))
        key = (stack.environment, stack.region)
        _status(fate, role_exists)
        _imports(fate, found, {other.stack.name for other in fates})
        if fate.kind == "workload" and functions.controlled(stack) and key in environments:
            taken, left[key] = functions.takes_along(environments[key], left[key], stack.workload)
            _take(fate, taken, gone.setdefault(taken.environment.name, set()), look)
        _resources(fate, stack, "", look, gone.get(stack.name, set()))
        fates.append(fate)
    return fates


def _status(fate: Fate, role_exists: Callable[[Stack], bool]) -> None:
    stack = fate.stack
    if stack.protected:
        fate.blocks.append("termination protection is on")
    for inner in stack.with_nested():
        if inner.status.endswith("_IN_PROGRESS"):
            fate.blocks.append(f"{inner.name} is in {inner.status}: wait for it")
        elif inner.status.endswith("_FAILED"):
            fate.blocks.append(
                f"{inner.name} is in {inner.status}: a change set can't be created for it until that is mended"
            )
    if stack.role and not role_exists(stack):
        fate.blocks.append(f"the role that CloudFormation deletes it with is gone: {stack.role}")


def _imports(fate: Fate, found: Application, earlier: set[str]) -> None:
    own = {inner.name for inner in fate.stack.with_nested()}
    ours = {inner.name: outer.name for outer in found.stacks for inner in outer.with_nested()}
    for inner in fate.stack.with_nested():
        for export in inner.exports:
            for importer in found.importers.get(export, ()):
                outer = ours.get(importer)
                if outer is None:
                    fate.blocks.append(f"the stack {importer}, which isn't one of these, imports {export}")
                elif importer not in own and outer not in fate.waits_for:
                    fate.waits_for.append(outer)
    fate.blocks += [f"{name} imports from it, and can't go before it" for name in fate.waits_for if name not in earlier]


def _take(fate: Fate, taken: functions.Taken, gone: set[str], look: Look) -> None:
    """What the environment loses with its last user."""
    if not taken.lists:
        return
    name = taken.environment.name
    gone |= {resource.logical_id for resource in taken.resources}
    listed = ", ".join(f"{one.logical_id} ({one.type.removeprefix('AWS::')})" for one in taken.resources)
    fate.acts.append(
        f"EnvControllerAction: {fate.stack.workload} is the last in {', '.join(taken.lists)} of {name}, which loses "
        + (listed or "nothing that it doesn't keep")
    )
    if taken.environment.status.endswith("_FAILED"):
        fate.blocks.append(f"{name} is in {taken.environment.status}: EnvControllerAction can't update it")
    for resource in taken.resources:
        _one(fate, taken.environment, f"{name}/{resource.logical_id}", resource, look)


def _resources(fate: Fate, stack: Stack, above: str, look: Look, gone: set[str]) -> None:
    for resource, does in functions.acting(stack):
        fate.acts.append(f"{above}{resource.logical_id}: {does}")
        if resource.type in functions.CERTIFICATES:
            certificate = holdings.KINDS["AWS::CertificateManager::Certificate"]
            fate.lost.append(Loss(above + resource.logical_id, resource, certificate, "", certificate.deleted))
    for resource in stack.resources:
        path = above + resource.logical_id
        if resource.logical_id in gone:
            continue
        if template.policy(stack.template, resource.logical_id) in template.KEEPS:
            fate.kept.append(
                f"{path} ({resource.type.removeprefix('AWS::')}) {resource.physical_id}: its DeletionPolicy"
            )
        elif resource.type == template.NESTED and resource.logical_id in stack.nested:
            fate.deleted += 1
            _resources(fate, stack.nested[resource.logical_id], f"{path}/", look, set())
        else:
            _one(fate, stack, path, resource, look)


def _one(fate: Fate, stack: Stack, path: str, resource: Resource, look: Look) -> None:
    """A resource that goes."""
    content = look(resource, stack.region)
    if content is None:
        return
    properties = template.properties(stack.template, resource.logical_id)
    held = holdings.holds_data(resource, properties)
    emptied = _emptied(stack, resource, properties)
    blocks = [] if emptied else content.blocks
    fate.blocks += [f"{path} ({resource.physical_id}): {block}" for block in blocks]
    if held is None:
        fate.deleted += 1
    elif content.empty:
        fate.kept.append(f"{path} ({held.word}) {resource.physical_id}: nothing to keep, it is empty")
    elif template.policy(stack.template, resource.logical_id) == "Snapshot":
        fate.kept.append(
            f"{path} ({held.word}) {resource.physical_id}: as a snapshot; the {held.word} itself is deleted"
        )
    elif blocks and not (resource.type in _STOPS and _by_copilot(fate)):
        fate.kept.append(f"{path} ({held.word}) {resource.physical_id}: a delete stops at it, as said above")
    else:
        fate.lost.append(Loss(path, resource, held, content.holds, emptied or held.deleted + _copilots(fate, resource)))


def _emptied(stack: Stack, resource: Resource, properties: dict[str, object]) -> str:
    """Who empties a bucket or repository, so that nothing stops the delete."""
    if resource.type == "AWS::S3::Bucket" and resource.logical_id in functions.cleaned(stack):
        return "emptied by Copilot's own function, all versions, and deleted"
    if resource.type == "AWS::ECR::Repository" and str(properties.get("EmptyOnDelete")).lower() == "true":
        return "deleted with its images (EmptyOnDelete)"
    return ""


def _by_copilot(fate: Fate) -> bool:
    """Whether Copilot's own commands empty what CloudFormation would stop at: repositories and the artifact bucket in
    each region, and the bucket of a static site (internal/pkg/cli: svc_delete.go, env_delete.go, app_delete.go)."""
    static = any(one.type == "AWS::CloudFront::Distribution" for one in fate.stack.resources)
    return fate.kind == "region" or (fate.kind == "workload" and static)


def _copilots(fate: Fate, resource: Resource) -> str:
    return " by Copilot's own commands, which empty it first" if resource.type in _STOPS and _by_copilot(fate) else ""


def losses(fates: Sequence[Fate]) -> Iterator[tuple[Fate, Loss]]:
    """All that holds data and would be destroyed."""
    return ((fate, loss) for fate in fates for loss in fate.lost)
