// A quarter of /api/users to a new service, in a load balancer that stands already.
package main

import (
	"example.com/pulumi-strangler/sdk/go/strangler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		given := config.New(ctx, "")
		facade, err := strangler.NewAlbFacade(ctx, "facade", &strangler.AlbFacadeArgs{
			ListenerArn: pulumi.String(given.Require("listenerArn")),
			Targets: map[string]strangler.AlbTargetArgsArgs{
				"monolith": {TargetGroupArn: pulumi.String(given.Require("monolithArn"))},
				"users":    {TargetGroupArn: pulumi.String(given.Require("usersArn"))},
			},
			DefaultTarget: pulumi.StringRef("monolith"),
			Routes:        []strangler.RouteArgsArgs{{Path: "/api/users", Target: "users", Weight: pulumi.IntRef(25)}},
		})
		if err != nil {
			return err
		}
		ctx.Export("rules", facade.RuleArns)
		return nil
	})
}
