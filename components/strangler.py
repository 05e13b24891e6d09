"""The whole system as one component: environments, the services in them, and the facade in front."""

from dataclasses import dataclass

import pulumi

from components.model.routes import Route, RouteTable
from components.platform import Platform
from components.settings import Settings


@dataclass(frozen=True)
class StranglerArgs:
    """settings: what to run. platform: where to run it."""

    settings: Settings
    platform: Platform


class Strangler(pulumi.ComponentResource):
    """`strangler:index:Strangler`: environments, services and facade, on any platform.

    url: the one public URL; of several facades, that of the first. urls: of several facades, by facade, else None.
    dns_target: what the DNS record of a facade's own domain points to; None without one.
    routes: id, path, methods, service and weight of each route, sorted as they are matched.
    services: name, environment, image and desired count of each. diagram: who serves what, as Mermaid text.
    """

    url: pulumi.Output[str]
    urls: pulumi.Output[dict[str, str]] | None
    dns_target: pulumi.Output[str] | None
    routes: pulumi.Output[list[dict[str, object]]]
    services: pulumi.Output[list[dict[str, object]]]
    diagram: pulumi.Output[str]

    def __init__(self, name: str, args: StranglerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Strangler", name, None, opts)
        settings, platform = args.settings, args.platform
        environments = {each.name: platform.environment(each, self) for each in settings.environments}
        running = {
            each.name: platform.service(each, environments[each.environment], self) for each in settings.services
        }
        found = platform.facade(settings.table, running, self)
        urls = pulumi.Output.all(**{name: each.url for name, each in found.items()}).apply(
            lambda known: {name: str(url) for name, url in known.items()}
        )
        self.url, self.urls = next(iter(found.values())).url, urls if len(found) > 1 else None
        self.dns_target = next((each.dns_target for each in found.values() if each.dns_target is not None), None)
        # What the outputs tell is true only once each facade holds it: they wait for the URLs. A plan is to show them.
        held = pulumi.Output.from_input(dict[str, str]()) if pulumi.runtime.is_dry_run() else urls
        self.routes = held.apply(lambda _: [_told(route) for route in settings.table.routes])
        self.services = pulumi.Output.all(held, *(each.image for each in running.values())).apply(
            lambda known: [
                {
                    "name": each.service.name,
                    "environment": each.service.environment,
                    "image": image,
                    "desiredCount": each.service.manifest.count.desired,
                }
                for each, image in zip(running.values(), known[1:], strict=True)
            ]
        )
        self.diagram = held.apply(lambda _: mermaid(settings.table))
        self.register_outputs(self.outputs())

    def outputs(self) -> dict[str, pulumi.Output[object]]:
        """The public attributes, as the stack exports them."""
        some = {"urls": self.urls, "dnsTarget": self.dns_target}
        told = {"routes": self.routes, "services": self.services, "diagram": self.diagram}
        return {"url": self.url, **{name: each for name, each in some.items() if each is not None}, **told}


def _told(route: Route) -> dict[str, object]:
    return {
        "id": route.id,
        "path": route.path,
        "methods": ", ".join(route.methods) or "all",
        "service": route.service,
        "weight": route.weight,
    }


def mermaid(table: RouteTable) -> str:
    """Who serves what, as a Mermaid flowchart: an arrow for each active route, and one for everything else."""
    arrows: list[str] = []
    for route in table.routes:
        if route.weight:
            label = " ".join(filter(None, [",".join(route.methods), route.path]))
            share = "" if route.weight == 100 else f" {route.weight}%"
            arrows.append(f'  facade -- "{label}{share}" --> {_node(route.service)}')
    rest = _node(table.default) if table.default else "nobody[503]"
    return "\n".join(["flowchart LR", "  facade((facade))", *arrows, f'  facade -- "everything else" --> {rest}'])


def _node(service: str) -> str:
    """A service as a node; `end` and the like are words of Mermaid's own, so ids have a letter in front."""
    return f"s-{service}[{service}]"
