/* What a command may use of the sandbox without starting one: only cli/embedded/ imports the sandbox. */

export { ClusterRefused } from 'eks-sandbox/kubernetes-bridge/machine-bridge.ts';
export { loadScenario } from 'eks-sandbox/world/load-scenario.ts';
export { type Scenario, scenarioSchema } from 'eks-sandbox/world/scenario.ts';
