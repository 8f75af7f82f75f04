// CoreDNS with the seven plugins that a cluster without a way out needs.  The whole of CoreDNS
// takes three times as long to compile.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	// The order here is the order in which the plugins see a query.
	dnsserver.Directives = []string{
		"bind", "ready", "health", "prometheus", "errors", "template", "kubernetes",
	}
	coremain.Run()
}
