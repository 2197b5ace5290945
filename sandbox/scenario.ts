/** What a simulated world is like: its type, its schema, and the reader of its files. */

export { loadScenario, parseScenario } from './world/load-scenario.ts';
export { faultSchema } from './world/scenario/fault.ts';
export { type Fault, type Scenario, type ScenarioInput, scenarioSchema } from './world/scenario.ts';
export { readYaml, type YamlText } from './world/yaml-text.ts';
