// A monolith and a new service on Fargate; a quarter of /api/users goes to the service.

import * as pulumi from "@pulumi/pulumi";
import { AlbFacade, Environment, FargateWebService } from "@pulumi/strangler";

const config = new pulumi.Config();
const shop = new Environment("shop");
const monolith = new FargateWebService("monolith", {
    environment: shop.placement,
    image: config.require("monolithImage"),
    port: 3000,
});
const users = new FargateWebService("users", {
    environment: shop.placement,
    image: config.require("usersImage"),
    port: 3000,
    healthCheck: { path: "/health" },
});
const facade = new AlbFacade("facade", {
    listenerArn: shop.listenerArn,
    targets: {
        monolith: { targetGroupArn: monolith.targetGroupArn },
        users: { targetGroupArn: users.targetGroupArn },
    },
    defaultTarget: "monolith",
    routes: [{ path: "/api/users", target: "users", weight: 25 }],
});

export const url = shop.url;
export const rules = facade.ruleArns;
