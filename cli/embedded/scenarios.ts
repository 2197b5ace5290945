/* What a command may use of the sandbox without starting one: only cli/embedded/ imports the sandbox. */

export { ClusterRefused } from 'eks-sandbox/kubernetes-bridge';
export { readYaml, type Scenario, scenarioSchema, type YamlText } from 'eks-sandbox/scenario';
