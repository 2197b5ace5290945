import type { ScenarioInput } from 'eks-sandbox/scenario';
import { type CaseRun, caseSchema, type SimulationCase } from '../case.ts';
import type { Group } from '../generate/scenario.ts';
import type { Workload } from '../generate/workloads.ts';
import { shorter, smaller, withoutKey, withSimpler } from './lists.ts';

type Cluster = ScenarioInput['clusters'][number];

/** Keys without which an object is none of its kind. */
const WORKLOAD_KEYS = ['kind', 'name'];
const GROUP_KEYS = ['name', 'zones', 'minSize', 'maxSize', 'desiredCapacity', 'amiId', 'managed', 'renewedAmiId'];
const INPUT_KEYS = ['clusterName', 'nodegroupName', 'autoScalingGroupName', 'nodegroups', 'engine'];
const FAULT_KEYS = ['kind'];

function* simplerWorkloads(workload: Workload): Generator<Workload> {
  for (const replicas of smaller(workload.replicas ?? 1, 1)) yield { ...workload, replicas };
  yield* withoutKey(workload, [...WORKLOAD_KEYS, 'replicas']);
}

function* simplerGroups(group: Group): Generator<Group> {
  const { zones, minSize, maxSize, desiredCapacity, renewedNodes = 0 } = group;
  for (const fewer of smaller(desiredCapacity, 1))
    yield {
      ...group,
      desiredCapacity: fewer,
      minSize: Math.min(minSize, fewer),
      maxSize: Math.max(fewer, maxSize - desiredCapacity + fewer),
      ...(renewedNodes > 0 && { renewedNodes: Math.min(renewedNodes, fewer - 1) }),
    };
  for (const fewer of smaller(zones.length, 1)) yield { ...group, zones: zones.slice(0, fewer) };
  yield* withoutKey(group, GROUP_KEYS);
}

function* simplerClusters(cluster: Cluster): Generator<Cluster> {
  for (const groups of shorter(cluster.groups, 1)) yield { ...cluster, groups };
  for (const workloads of shorter(cluster.workloads ?? [])) yield { ...cluster, workloads };
  for (const groups of withSimpler(cluster.groups, simplerGroups)) yield { ...cluster, groups };
  for (const workloads of withSimpler(cluster.workloads ?? [], simplerWorkloads)) yield { ...cluster, workloads };
}

function* simplerRuns(run: CaseRun): Generator<CaseRun> {
  for (const input of withoutKey(run.input, INPUT_KEYS)) yield { ...run, input };
}

function* simplerScenarios(scenario: ScenarioInput): Generator<ScenarioInput> {
  for (const faults of shorter(scenario.faults ?? [])) yield { ...scenario, faults };
  for (const actors of shorter(scenario.actors ?? [])) yield { ...scenario, actors };
  for (const clusters of withSimpler(scenario.clusters, simplerClusters)) yield { ...scenario, clusters };
  for (const faults of withSimpler(scenario.faults ?? [], (fault) => withoutKey(fault, FAULT_KEYS)))
    yield { ...scenario, faults };
  yield* withoutKey(scenario, ['clusters', 'images', 'seed', 'faults', 'actors']);
}

function* simpler(given: SimulationCase): Generator<SimulationCase> {
  for (const strikes of shorter(given.strikes)) yield { ...given, strikes };
  for (const interventions of shorter(given.interventions)) yield { ...given, interventions };
  for (const runs of shorter(given.runs, 1)) yield { ...given, runs };
  if (given.lambdaClockBehindSeconds !== 0) yield { ...given, lambdaClockBehindSeconds: 0 };
  for (const scenario of simplerScenarios(given.scenario)) yield { ...given, scenario };
  for (const runs of withSimpler(given.runs, simplerRuns)) yield { ...given, runs };
}

/** Make the cases that are a little simpler than one, the much simpler ones first; each can be run. */
export function* simplerCases(given: SimulationCase): Generator<SimulationCase> {
  for (const each of simpler(given)) if (caseSchema.safeParse(each).success) yield each;
}
