//go:build tools

// Package tools names the Go programs that a machine builds for itself when it cannot download them.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
