/* What a command may use of the sandbox without starting one: only cli/embedded/ imports the sandbox. */

export { ClusterRefused } from 'eks-sandbox/kubernetes-bridge';
export { type Scenario, scenarioSchema } from 'eks-sandbox/scenario';
