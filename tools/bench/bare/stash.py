"""A program with nothing but one stash: what a change of one costs the deployment engine itself."""

import pulumi

pulumi.Stash("route-table", input={"weight": pulumi.Config().require("weight")})
