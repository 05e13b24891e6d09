//go:build tools

// Package tools names the language host with which tests/package runs a program in YAML.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
