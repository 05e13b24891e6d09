"""Mistakes in an environment's manifest: what is written, and what the one line about it begins with."""

NETWORKS = [
    (
        "{cidr: 10.9.0.1/16}",
        "cidr: found '10.9.0.1/16'; give an IPv4 range from /16 to /28",
    ),
    (
        "{cidr: 10.0.0.0/8}",
        "cidr: found '10.0.0.0/8'; give an IPv4 range from /16 to /28",
    ),
    (
        "{cidr: 10.9.0.0}",
        "cidr: found '10.9.0.0'; give an IPv4 range from /16 to /28",
    ),
    (
        "{cidr: 10.9.0.0/26}",
        "cidr: found '10.9.0.0/26'; give a range from /16 to /24",
    ),
    (
        "{cidr: 10.9.0.0/16, id: vpc-0a1b2c3d, subnets: {public: [{id: subnet-0000000a}, {id: subnet-0000000b}]}}",
        "cidr: cidr together with id; remove it",
    ),
    (
        "{id: vpc-12345, subnets: {public: [{id: subnet-0000000a}, {id: subnet-0000000b}]}}",
        "id: found 'vpc-12345'; give the VPC's id",
    ),
    (
        "{id: vpc-0a1b2c3d}",
        "subnets: no subnets; write public: and private:",
    ),
    (
        "{id: vpc-0a1b2c3d, subnets: {public: [{id: subnet-0000000a}]}}",
        "subnets.public: found subnet-0000000a; give the ids of at least two",
    ),
    (
        "{id: vpc-0a1b2c3d, subnets: {public: [{id: subnet-0000000a}, {id: subnet-1}]}}",
        "subnets.public[1].id: found 'subnet-1'; give a subnet's id",
    ),
    (
        "{id: vpc-0a1b2c3d, subnets: {public: [{id: subnet-0000000a}, {az: eu-west-1a}]}}",
        "subnets.public[1].id: missing; write the subnet's id",
    ),
    (
        "{subnets: {public: [{id: subnet-0000000a}]}}",
        "subnets.public[0].id: subnet without network.vpc.id; also write the VPC's id",
    ),
    (
        "{subnets: {public: [{cidr: 10.9.0.0/24}]}}",
        "cidr: missing; write the range that contains the subnets",
    ),
    (
        "{cidr: 10.9.0.0/16, subnets: {public: [{cidr: 10.9.0.0/24}], private: [{cidr: 10.9.1.0/24}]}}",
        "subnets: found 1 public and 1 private; give a public and a private subnet",
    ),
    (
        "{cidr: 10.9.0.0/24, subnets: {public: [{cidr: 10.9.0.0/26}, {cidr: 10.9.0.64/26}], private: "
        "[{cidr: 10.9.0.128/26}, {cidr: 10.9.0.160/27}]}}",
        "subnets: the range 10.9.0.160/27 overlaps with 10.9.0.128/26; give each",
    ),
    (
        "{cidr: 10.9.0.0/24, subnets: {public: [{cidr: 10.9.0.0/26}, {cidr: 10.8.0.0/26}], private: "
        "[{cidr: 10.9.0.128/26}, {cidr: 10.9.0.192/26}]}}",
        "subnets.public[1].cidr: found '10.8.0.0/26'; give a range within 10.9.0.0/24",
    ),
    (
        "{cidr: 10.9.0.0/24, subnets: {public: [{cidr: 10.9.0.0/26, az: eu-west-1a}, {cidr: "
        "10.9.0.64/26}], private: [{cidr: 10.9.0.128/26}, {cidr: 10.9.0.192/26}]}}",
        "subnets: zones that don't match; give each public subnet its own zone (az)",
    ),
    (
        "{cidr: 10.9.0.0/24, subnets: {public: [{cidr: 10.9.0.0/26, az: a}, {cidr: 10.9.0.64/26}], "
        "private: [{cidr: 10.9.0.128/26}, {cidr: 10.9.0.192/26}]}}",
        "subnets.public[0].az: found 'a'; give a zone's name, such as eu-west-1a",
    ),
    (
        "{flow_logs: {retention: 2}}",
        "flow_logs.retention: found 2; give one of",
    ),
    (
        "{flow_logs: 'always'}",
        "flow_logs: found 'always'; give true or false",
    ),
    (
        "{security_group: {ingress: [{ip_protocol: tcp, ports: 80-, cidr: 10.0.0.0/8}]}}",
        "security_group.ingress[0].ports: found '80-'; give a port, or a range",
    ),
    (
        "{security_group: {ingress: [{ip_protocol: tcp, ports: 90-80, cidr: 10.0.0.0/8}]}}",
        "security_group.ingress[0].ports: found '90-80'; give a port, or a range",
    ),
    (
        "{security_group: {ingress: [{ip_protocol: http, ports: 80, cidr: 10.0.0.0/8}]}}",
        "security_group.ingress[0].ip_protocol: found 'http'; give tcp, udp, icmp",
    ),
    (
        "{security_group: {egress: [{ip_protocol: tcp, ports: 80, cidr: everywhere}]}}",
        "security_group.egress[0].cidr: found 'everywhere'; give an IPv4 range from /0",
    ),
    (
        "{security_group: {egress: [{ip_protocol: tcp, cidr: 10.0.0.0/8}]}}",
        "security_group.egress[0].ports: missing; write ports",
    ),
    (
        "{security_group: {egress: [&rule {ip_protocol: tcp, ports: 1, cidr: 10.0.0.0/8}, *rule]}}",
        "security_group.egress[1]: duplicate rule; remove one",
    ),
    (
        "{security_group: {ingress: {ports: 80}}}",
        "security_group.ingress: found a map; give a list",
    ),
]
"""What can be wrong below `network.vpc`, and what its line begins with."""

OTHERS = [
    (
        "http: {public: {certificates: [mine]}}",
        "http.public.certificates[0]: found 'mine'; give a certificate's ARN",
    ),
    (
        "http: {public: {ssl_policy: TLS1.2}}",
        "http.public.ssl_policy: found 'TLS1.2'; give a policy name",
    ),
    (
        "http: {public: {access_logs: {bucket_name: My_Logs}}}",
        "http.public.access_logs.bucket_name: found 'My_Logs'; give a bucket name",
    ),
    (
        "http: {public: {access_logs: {prefix: x/AWSLogs}}}",
        "http.public.access_logs.prefix: found 'x/AWSLogs'; give a prefix without AWSLogs",
    ),
    (
        "http: {public: {ingress: {source_ips: [mine]}}}",
        "http.public.ingress.source_ips[0]: found 'mine/32'; give an IPv4 range",
    ),
    (
        "http: {private: {subnets: [subnet-0000000a]}}",
        "http.private.subnets: subnets without network.vpc.id; also write network.vpc.id",
    ),
    (
        "observability: {container_insights: 'always'}",
        "observability.container_insights: found 'always'; give true or false",
    ),
    (
        "network: 10.0.0.0/16",
        "network: found '10.0.0.0/16'; give a map",
    ),
]
"""The same elsewhere."""
