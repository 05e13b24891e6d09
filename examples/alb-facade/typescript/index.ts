// A quarter of /api/users to a new service, in a load balancer that stands already.

import * as pulumi from "@pulumi/pulumi";
import { AlbFacade } from "@pulumi/strangler";

const config = new pulumi.Config();
const facade = new AlbFacade("facade", {
    listenerArn: config.require("listenerArn"),
    targets: {
        monolith: { targetGroupArn: config.require("monolithArn") },
        users: { targetGroupArn: config.require("usersArn") },
    },
    defaultTarget: "monolith",
    routes: [{ path: "/api/users", target: "users", weight: 25 }],
});

export const rules = facade.ruleArns;
