//go:build tools

// Package tools keeps in go.mod what the command needs.  It is never compiled.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
