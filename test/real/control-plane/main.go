// Command control-plane is a whole Kubernetes control plane in one program: its first argument says which component to
// be, the rest are that component's own arguments. It lets the tests run the real thing without containers or downloads
// of binaries: everything comes from Go modules.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// components makes the command of each component that is built with cobra; etcd is not.
var components = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func main() {
	// A link named after a component is that component, so that `kubectl` can stand on a PATH.
	name := filepath.Base(os.Args[0])
	if name == "etcd" || components[name] != nil {
		os.Args[0] = name
	} else {
		if len(os.Args) < 2 {
			refuse("say which component to be")
		}
		name = os.Args[1]
		os.Args = os.Args[1:]
	}

	if name == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	command, known := components[name]
	if !known {
		refuse(fmt.Sprintf("there is no component %q", name))
	}
	os.Exit(cli.Run(command()))
}

func refuse(reason string) {
	fmt.Fprintf(os.Stderr, "%s: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kubectl\n", reason)
	os.Exit(2)
}
