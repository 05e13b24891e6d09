//go:build tools

// Package tools names the program with which tests/quality/test_workflows.py checks the workflows.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
