import type { Command, OptionSpecs } from './command.ts';

const OPTIONS: OptionSpecs = {
  scenario: {
    type: 'string',
    value: 'FILE',
    description: 'the world, as YAML; default: the demo, 30 nodes in 3 zones',
  },
  speed: {
    type: 'string',
    value: 'N',
    description: 'simulated seconds per real second, at most 3 with --kubeconfig; default: 1',
  },
  'aws-port': { type: 'string', value: 'N', description: 'port of the AWS endpoint; default: any free one' },
  'kubernetes-port': {
    type: 'string',
    value: 'N',
    description:
      'port of the Kubernetes API of the first cluster, the others use the next ports; default: any free one',
  },
  'write-env': {
    type: 'string',
    value: 'FILE',
    formerName: 'env-file',
    description: 'also write the exports to this file, for `source FILE`',
  },
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    description:
      'simulate AWS only: nodes join the cluster of this kubeconfig, such as kind or k3s with kwok (docs/rehearsal.md)',
  },
  context: {
    type: 'string',
    value: 'NAME',
    description: 'with --kubeconfig: the context to use; default: its current one',
  },
  'workflow-token': {
    type: 'string',
    value: 'TOKEN|FILE',
    description:
      'with --kubeconfig: the token of the workflow in that cluster; default: it impersonates the group of kubernetes/rbac.yaml',
  },
  'i-know': {
    type: 'boolean',
    description: 'with --kubeconfig: allow a server with a public address',
  },
  schema: { type: 'boolean', description: 'print the JSON schema of scenario files and exit' },
};

/** The sandbox is loaded only for this command: the others do not need it. */
export const sandbox: Command = {
  name: 'sandbox',
  summary: 'serve a simulated AWS region and EKS cluster on loopback, to try everything without an account',
  options: OPTIONS,
  details: 'It prints the environment variables that make clients use it, and runs until Ctrl-C.',
  examples: [
    'sandbox',
    'sandbox --speed 60 --write-env sandbox.env',
    'sandbox --scenario my-cluster.yaml --aws-port 4566 --kubernetes-port 6443',
    'sandbox --kubeconfig ~/.kube/config --context kind-rehearsal --speed 3',
    'sandbox --schema > scenario.schema.json',
  ],
  run: async (context) => (await import('../embedded/sandbox-command.ts')).runSandbox(context),
};
