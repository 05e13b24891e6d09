"""A manifest in which every field stands, and a stack on AWS that takes it."""

from tests.projects import DIGEST, Tree
from tests.pure.bad_http_nlb import CERTIFICATE

ZONE = "Z0123456789ABC"
FILES = "fs-0a1b2c3d4e5f67890"

FULL: Tree = {
    "name": "users",
    "type": "Load Balanced Web Service",
    "image": {
        "build": {
            "dockerfile": "services/users/Dockerfile",
            "context": "services/users",
            "args": {"NAME": "x"},
            "target": "release",
            "cache_from": ["base:1"],
        },
        "port": 3000,
        "healthcheck": {
            "command": ["CMD", "true"],
            "interval": "10s",
            "retries": 2,
            "timeout": "5s",
            "start_period": "0s",
        },
        "labels": {"NAME": "value"},
        "depends_on": {"NAME": "healthy"},
    },
    "entrypoint": ["sh"],
    "command": "run",
    "http": {
        "path": "api/users",
        "healthcheck": {
            "path": "/",
            "port": 3000,
            "success_codes": "200",
            "healthy_threshold": 2,
            "unhealthy_threshold": 2,
            "interval": "10s",
            "timeout": "5s",
            "grace_period": "60s",
        },
        "deregistration_delay": "60s",
        "stickiness": False,
        "target_container": "users",
        "target_port": 3000,
        "version": "http1",
        "alias": [{"name": "users.example.com", "hosted_zone": ZONE}],
        "hosted_zone": ZONE,
        "redirect_to_https": True,
        "additional_rules": [
            {
                "path": "admin",
                "healthcheck": {"path": "/"},
                "alias": [{"name": "admin.example.com", "hosted_zone": ZONE}],
            }
        ],
    },
    "nlb": {
        "port": "8443/tls",
        "target_container": "users",
        "target_port": 3000,
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "stickiness": False,
        "deregistration_delay": "60s",
        "healthcheck": {"port": 3000, "grace_period": "60s"},
        "alias": [{"name": "nlb.example.com", "hosted_zone": ZONE}],
        "additional_listeners": [{"port": "8080/tcp", "target_port": 3000, "healthcheck": {"port": 3000}}],
    },
    "cpu": 256,
    "memory": 512,
    "platform": {"osfamily": "linux", "architecture": "arm64"},
    "count": {
        "range": {"min": 1, "max": 3, "spot_from": 2},
        "cooldown": {"in": "60s", "out": "60s"},
        "cpu_percentage": {"value": 70, "cooldown": {"in": "10s", "out": "10s"}},
        "memory_percentage": {"value": 70, "cooldown": {"in": "10s", "out": "10s"}},
        "requests": {"value": 70, "cooldown": {"in": "10s", "out": "10s"}},
        "response_time": {"value": "500ms", "cooldown": {"in": "10s", "out": "10s"}},
    },
    "exec": {"enable": True},
    "variables": {"NAME": "value"},
    "secrets": {"TOKEN": {"secretsmanager": "token"}},
    "env_file": "services/users/some.env",
    "sidecars": {
        "NAME": {
            "port": "8125/udp",
            "image": {"build": {"dockerfile": "services/users/Dockerfile", "context": "services/users"}},
            "essential": True,
            "variables": {"NAME": "value"},
            "env_file": "services/users/some.env",
            "secrets": {"TOKEN": {"secretsmanager": "token"}},
            "labels": {"NAME": "value"},
            "depends_on": {"once": "success"},
            "mount_points": [{"source_volume": "data", "path": "/data", "read_only": True}],
            "healthcheck": {"command": ["CMD", "true"], "interval": "10s", "retries": 2, "timeout": "5s"},
            "entrypoint": ["sh"],
            "command": "run",
        },
        "once": {"image": f"once@{DIGEST}", "essential": False, "credentialsParameter": "registry"},
    },
    "storage": {
        "ephemeral": 30,
        "readonly_fs": False,
        "volumes": {
            "data": {
                "path": "/data",
                "read_only": False,
                "efs": {"id": FILES, "root_dir": "/", "auth": {"iam": True, "access_point_id": f"fsap-{FILES[3:]}"}},
            },
            "own": {"path": "/own", "efs": {"uid": 1000, "gid": 1000}},
        },
    },
    "logging": {
        "retention": 30,
        "image": f"router@{DIGEST}",
        "destination": {"Name": "http", "NAME": "value"},
        "enableMetadata": True,
        "secretOptions": {"TOKEN": "/token"},
        "configFilePath": "/extra.conf",
        "variables": {"NAME": "value"},
        "secrets": {"TOKEN": {"secretsmanager": "token"}},
        "env_file": "services/users/some.env",
    },
    "network": {
        "vpc": {
            "placement": {"subnets": ["subnet-0a1b2c3f"]},
            "security_groups": {"deny_default": False, "groups": ["sg-0a1b2c3d"]},
        },
        "connect": {"alias": "users"},
    },
    "taskdef_overrides": [{"path": "Cpu", "value": 256}],
    "observability": {"tracing": "awsxray"},
    "publish": {"topics": [{"name": "orders", "fifo": {"content_based_deduplication": True}}]},
    "deployment": {"rolling": "default", "rollback_alarms": ["too-many-errors"]},
}
"""A manifest in which every field stands that is read."""

AWS: Tree = {
    "platform": "aws",
    "facade": "api-gateway",
    "environments": {
        "users": {
            "loadBalancer": "public",
            "certificates": [CERTIFICATE],
            "vpc": {
                "id": "vpc-0a1b2c3d",
                "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
                "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
            },
        }
    },
}
