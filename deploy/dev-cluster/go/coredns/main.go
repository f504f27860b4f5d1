// CoreDNS with the plugins that a cluster of one node needs.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/reload"
)

// The order in which plugins see a question. The list that CoreDNS brings also names those that are not built in here.
func init() {
	dnsserver.Directives = []string{"reload", "bind", "errors", "cache", "kubernetes", "forward"}
}

func main() { coremain.Run() }
