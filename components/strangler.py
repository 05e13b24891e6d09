"""The whole system as one component: environments, the services in them, and the facade in front."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.model.routes import Route, RouteTable
from components.platform import Platform, RunningService
from components.settings import Settings


@dataclass(frozen=True)
class StranglerArgs:
    """What to run, and where."""

    settings: Settings
    """What runs."""
    platform: Platform[Any, Any]
    """Where it runs."""


class Strangler(pulumi.ComponentResource):
    """`strangler:index:Strangler`: environments, services and facade, on any platform."""

    url: pulumi.Output[str] | None
    """The one public URL; of several facades, that of the first; None where there is no facade."""
    urls: pulumi.Output[dict[str, str]] | None
    """Of several facades, by facade; None for a single one."""
    dns_target: pulumi.Output[str] | None
    """What the DNS record of a facade's own domain points to; None without one."""
    testers_url: pulumi.Output[str] | None
    """Where testers are answered, if the facade has an address of its own for them; None without one."""
    routes: pulumi.Output[dict[str, dict[str, object]]]
    """By id: path, methods, service and weight of each route, and its testers if it has any."""
    services: pulumi.Output[dict[str, dict[str, object]]]
    """By name: environment, image and desired count of each service, and what finds it while it runs; of one that runs
    elsewhere, where."""
    diagram: pulumi.Output[str]
    """Who serves what, as Mermaid text; empty where there is no facade."""

    def __init__(self, name: str, args: StranglerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Strangler", name, None, opts)
        settings, platform = args.settings, args.platform
        environments: dict[str, Any] = {
            environment.name: platform.environment(environment, self) for environment in settings.environments
        }
        running: dict[str, RunningService[Any]] = {
            service.name: platform.service(service, environments[service.environment], self)
            for service in settings.services
        }
        facades = platform.facade(settings.table, running, self)
        urls = pulumi.Output.all(**{name: facade.url for name, facade in facades.items()}).apply(
            lambda known: {name: str(url) for name, url in dict(known).items()}
        )
        self.url = next((facade.url for facade in facades.values()), None)
        self.urls = urls if len(facades) > 1 else None
        targets = (facade.dns_target for facade in facades.values())
        self.dns_target = next((target for target in targets if target is not None), None)
        addresses = (facade.testers_url for facade in facades.values())
        self.testers_url = next((address for address in addresses if address is not None), None)
        # The outputs describe live routing, so they resolve only after every facade is updated. Previews show them
        # right away. Maps by name: of a list, a plan would read as if services were renamed when one is added.
        live = pulumi.Output.from_input(dict[str, str]()) if pulumi.runtime.is_dry_run() else urls
        self.routes = live.apply(lambda _: {route.id: _route_output(route) for route in settings.table.routes})
        details = (pulumi.Output.all(image=service.image, **service.found_by) for service in running.values())
        self.services = pulumi.Output.all(live, *details).apply(lambda known: _services_output(settings, known[1:]))
        elsewhere = {service.name for service in settings.external}
        self.diagram = live.apply(lambda _: mermaid(settings.table, elsewhere) if facades else "")
        self.register_outputs(self.outputs())

    def outputs(self) -> dict[str, pulumi.Output[object]]:
        """The public attributes, as the stack exports them."""
        optional = {"url": self.url, "urls": self.urls, "testersUrl": self.testers_url, "dnsTarget": self.dns_target}
        present = {name: output for name, output in optional.items() if output is not None}
        return {**present, "routes": self.routes, "services": self.services, "diagram": self.diagram}


def _services_output(settings: Settings, found: Sequence[dict[str, object]]) -> dict[str, dict[str, object]]:
    """By name, where each service is. found: of those of ours, in the order of the settings."""
    own: dict[str, dict[str, object]] = {
        service.name: {
            "environment": service.environment,
            "desiredCount": service.manifest.count.desired,
            **({"job": service.manifest.job.schedule.expression} if service.manifest.job else {}),
            **places,
        }
        for service, places in zip(settings.services, found, strict=True)
    }
    external: dict[str, dict[str, object]] = {
        service.name: {service.endpoint.value: service.address} for service in settings.external
    }
    return own | external


def _route_output(route: Route) -> dict[str, object]:
    described: dict[str, object] = {
        "path": route.path,
        "methods": ", ".join(route.methods) or "all",
        "service": route.service,
        "weight": route.weight,
    }
    if route.testers:
        kind = "cookie" if route.testers.cookie else "header"
        described["testers"] = {kind: {"name": route.testers.name, "value": route.testers.value}}
    return described


def mermaid(table: RouteTable, elsewhere: Collection[str] = ()) -> str:
    """Who serves what, as a Mermaid flowchart: an arrow for each active route, and one for everything else.
    elsewhere: the services that aren't ours, which have another shape."""
    arrows: list[str] = []
    for route in table.routes:
        if route.weight:
            label = " ".join(filter(None, [",".join(route.methods), route.path]))
            share = "" if route.weight == 100 else f" {route.weight}%"
            arrows.append(f'  facade -- "{label}{share}" --> {_node(route.service, elsewhere)}')
    rest = _node(table.default, elsewhere) if table.default else "nobody[503]"
    return "\n".join(["flowchart LR", "  facade((facade))", *arrows, f'  facade -- "everything else" --> {rest}'])


def _node(service: str, elsewhere: Collection[str]) -> str:
    """A service as a node; `end` and the like are words of Mermaid's own, so ids have a letter in front."""
    return f"s-{service}[/{service}/]" if service in elsewhere else f"s-{service}[{service}]"
