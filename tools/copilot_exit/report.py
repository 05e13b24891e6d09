"""What `python -m tools.copilot_exit` says. Pure."""

from collections.abc import Iterator, Sequence

from tools.copilot_exit import holdings, safe
from tools.copilot_exit.account import Application
from tools.copilot_exit.fate import Fate, losses

_WORDS = {"region": "what the StackSet made in a region", "roles": "the application's roles"}


def text(found: Application, fates: Sequence[Fate], folder: str | None) -> str:
    """The whole report. folder: where the templates that keep everything were written."""
    lines = [f"The application {found.name} in the account {found.account}. Nothing was changed.", ""]
    for number, fate in enumerate(fates, 1):
        lines += [*_stack(number, fate), ""]
    lines += [f"Not looked at: {line}" for line in found.elsewhere]
    lines += [*_first(found, fates, folder), *_order(found, fates, folder), _end(found, fates)]
    return "\n".join(lines)


def _stack(number: int, fate: Fate) -> Iterator[str]:
    stack = fate.stack
    words = _WORDS.get(fate.kind) or " ".join(part for part in (fate.kind, stack.workload or stack.environment) if part)
    yield f"{number}. {stack.name} ({words}; {stack.region}, {stack.status})"
    for loss in fate.lost:
        holds = f", {loss.holds}" if loss.holds else ""
        yield f"   LOST     {loss.path}: {loss.kind.word} {loss.resource.physical_id}{holds}: {loss.how}"
    yield from (f"   blocked  {line}" for line in fate.blocks)
    yield from (f"   function {line}" for line in fate.acts)
    yield from (f"   after    {name}" for name in fate.waits_for)
    yield from (f"   stays    {line}" for line in fate.kept)
    if fate.deleted:
        yield f"   deleted  {fate.deleted} resources that hold no data"


def _first(found: Application, fates: Sequence[Fate], folder: str | None) -> Iterator[str]:
    """What makes it safe."""
    lost = list(losses(fates))
    if not lost:
        return
    yield "First, copies of what would be lost (name your own bucket, role and file where they are in capitals):"
    for fate, loss in lost:
        yield from (
            f"  {line}" for line in holdings.copying(loss.kind, loss.resource, fate.stack.region, found.account)
        )
    without = sorted({f"{loss.kind.word} {loss.resource.physical_id}" for _, loss in lost if not loss.kind.copies})
    yield from (f"  # no command copies it: {name}" for name in without)
    yield ""
    if folder is None:
        yield f"Then keep everything: python -m tools.copilot_exit {found.name} --templates FOLDER writes the templates"
        yield "that keep every resource when its stack goes, and prints the commands that put them in place."
        yield ""
        return
    yield "Then keep everything, environments first: see in each change set that it changes policies only."
    yield "Afterwards, no `copilot deploy`, `copilot … delete` or pipeline any more: they put the old templates back."
    for fate in sorted(fates, key=lambda one: one.kind != "environment"):
        bucket = safe.artifact_bucket(found, fate.stack.region)
        yield from (f"  {line}" for line in safe.keeping(fate.stack, folder, bucket))
    yield ""


def _order(found: Application, fates: Sequence[Fate], folder: str | None) -> Iterator[str]:
    del folder
    yield "Last, once this says that nothing is lost any more, in this order:"
    yield from (f"  {line}" for line in safe.deleting(found, fates))
    yield ""


def _end(found: Application, fates: Sequence[Fate]) -> str:
    lost, blocked = len(list(losses(fates))), sum(bool(fate.blocks) for fate in fates)
    if lost:
        return f"{lost} things that hold data would be lost: don't delete yet."
    if found.elsewhere:
        return "Nothing here would be lost, but not everything was looked at: don't delete yet."
    stops = f" {blocked} stacks can't go before what blocks them is gone." if blocked else ""
    return f"Nothing that holds data would be lost.{stops}"
