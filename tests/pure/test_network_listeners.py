"""What of a network load balancer that is up is refused, or told."""

from components.aws.plan.network_listeners import messages, mistakes
from components.manifest.manifest import Manifest
from components.manifest.nlb import Nlb, NlbCheck, NlbListener
from components.settings.service import Service


def service(*listeners: NlbListener) -> Service:
    return Service(Manifest("users", 3000, None, nlb=Nlb(listeners)), "shared")


UP = {"users-Nlb443tcp": {"protocol": "TLS", "port": 443.0}, "users-Nlb53udp": {"protocol": "UDP", "port": 53.0}}


def test_a_port_keeps_its_protocol() -> None:
    same = service(NlbListener(443, 3000, "tls"), NlbListener(53, 3000, "udp"), NlbListener(80, 3000))
    assert [*mistakes([same], UP)] == []
    assert [*mistakes([same], {})] == []
    assert [*mistakes([service(NlbListener(443, 3000, "udp"))], {"posts-Nlb443tcp": {"protocol": "TLS"}})] == []
    secure, other = mistakes([service(NlbListener(443, 3000), NlbListener(53, 3000))], UP)
    assert "nlb: found 443/tcp, but the deployed listener uses tls, as do its clients and tasks" in secure
    assert "(additional_listeners), move the clients to it, then remove 443, each step in its own `up`" in secure
    assert "nlb: found 53/tcp, but the deployed listener uses udp" in other


def test_another_port_of_a_health_check_is_told() -> None:
    now = {"users-Nlb443tcp": {"healthCheck": {"port": "traffic-port", "interval": 30.0}}}
    plain, checked = NlbListener(443, 3000, "tls"), NlbListener(443, 3000, "tls", healthcheck=NlbCheck(8081))
    assert [*messages([service(plain)], now)] == []
    assert [*messages([service(NlbListener(443, 3000, "tls", healthcheck=NlbCheck(interval=5)))], now)] == []
    assert [*messages([service(checked)], {})] == []
    (line,) = messages([service(checked)], now)
    assert "the health check of port 443 changes from traffic-port to 8081 immediately, for" in line
    internal = {"users-Nlb443tcp-internal": {"healthCheck": {"port": "8081"}}}
    assert len([*messages([service(plain)], internal)]) == 1
