"""What the access log of an HTTP API says of each request. Pure."""

import json

LOG_FORMAT = json.dumps(
    {
        "time": "$context.requestTimeEpoch",
        "request": "$context.requestId",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "route": "$context.routeKey",
        "status": "$context.status",
        "integrationStatus": "$context.integrationStatus",
        "integrationError": "$context.integrationErrorMessage",
        "latency": "$context.responseLatency",
    }
)
"""A line of it, in the variables of HTTP APIs (API Gateway developer guide, «Customize HTTP API access logs»).
`make compare` reads method and path out of it."""
