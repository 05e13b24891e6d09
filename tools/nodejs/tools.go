//go:build tools

// Package tools names the language host with which tests/package runs a program in TypeScript.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
