import { scalingProcesses } from '../../aws/auto-scaling/state/group.ts';
import { findInstanceType } from '../../aws/ec2/state/instance-types.ts';
import { parseCron } from '../cron.ts';
import type { Group, Scenario, ScenarioCluster } from '../scenario.ts';
import type { Actor } from './actor.ts';
import type { Fault } from './fault.ts';

/** Something that a scenario asks for and that cannot be. */
export interface Contradiction {
  /** Keys and indexes from the top. */
  readonly path: readonly (string | number)[];
  /** What is wrong, and what was expected. */
  readonly message: string;
}

type Path = Contradiction['path'];

const listed = (names: Iterable<string>) => [...names].join(', ') || 'none';

const groupsOf = ({ clusters }: Scenario): Group[] => clusters.flatMap(({ groups }) => groups);

const isTwice = (values: readonly string[], index: number) => values.indexOf(values[index] as string) < index;

function* wrongZone(region: string, zone: string, path: Path): Generator<Contradiction> {
  const isOfRegion = zone.startsWith(region) && /^(-[a-z]+-\d+)?[a-z]$/.test(zone.slice(region.length));
  if (!isOfRegion)
    yield { path, message: `there is no zone ${zone} in ${region}; its zones are ${region}a, ${region}b, …` };
}

function* wrongSizes({ minSize, maxSize, desiredCapacity, renewedNodes }: Group, path: Path): Generator<Contradiction> {
  if (minSize > maxSize)
    yield { path: [...path, 'minSize'], message: `expected at most maxSize (${maxSize}), not ${minSize}` };
  else if (desiredCapacity < minSize || desiredCapacity > maxSize)
    yield {
      path: [...path, 'desiredCapacity'],
      message: `expected between minSize (${minSize}) and maxSize (${maxSize}), not ${desiredCapacity}`,
    };
  if (renewedNodes > desiredCapacity)
    yield {
      path: [...path, 'renewedNodes'],
      message: `expected at most desiredCapacity (${desiredCapacity}), not ${renewedNodes}`,
    };
}

function* wrongMachines({ images }: Scenario, group: Group, path: Path): Generator<Contradiction> {
  const imageIds = images.map(({ id }) => id);
  for (const key of ['amiId', 'renewedAmiId'] as const) {
    const id = group[key];
    if (id !== undefined && !imageIds.includes(id))
      yield { path: [...path, key], message: `group ${group.name}: images has no ${id}, only ${listed(imageIds)}` };
  }
  if (group.renewedNodes > 0 && group.renewedAmiId === undefined)
    yield { path: [...path, 'renewedNodes'], message: `group ${group.name}: renewedNodes needs renewedAmiId` };
  const types = [
    { name: group.instanceType, at: ['instanceType'] },
    ...(group.mixedInstances?.overrides ?? []).map(({ instanceType }, index) => ({
      name: instanceType,
      at: ['mixedInstances', 'overrides', index, 'instanceType'],
    })),
  ];
  for (const { name, at } of types)
    if (findInstanceType(name) === undefined)
      yield { path: [...path, ...at], message: `group ${group.name}: there is no instance type ${name}` };
}

function* wrongGroup(scenario: Scenario, group: Group, path: Path): Generator<Contradiction> {
  for (const [index, zone] of group.zones.entries()) yield* wrongZone(scenario.region, zone, [...path, 'zones', index]);
  yield* wrongSizes(group, path);
  yield* wrongMachines(scenario, group, path);
  for (const [index, process] of group.suspendedProcesses.entries())
    if (!scalingProcesses.some((known) => known === process))
      yield {
        path: [...path, 'suspendedProcesses', index],
        message: `there is no scaling process ${process}, only ${listed(scalingProcesses)}`,
      };
}

function* wrongCluster(scenario: Scenario, cluster: ScenarioCluster, path: Path): Generator<Contradiction> {
  for (const [index, group] of cluster.groups.entries()) yield* wrongGroup(scenario, group, [...path, 'groups', index]);
  for (const [index, { zone }] of cluster.otherNodes.entries())
    yield* wrongZone(scenario.region, zone, [...path, 'otherNodes', index, 'zone']);
}

function* doubledNames(scenario: Scenario): Generator<Contradiction> {
  const names = scenario.clusters.map(({ name }) => name);
  const groupNames = groupsOf(scenario).map(({ name }) => name);
  let seen = 0;
  for (const [index, { groups }] of scenario.clusters.entries()) {
    if (isTwice(names, index))
      yield { path: ['clusters', index, 'name'], message: `there are two clusters named ${names[index]}` };
    for (const [at, { name }] of groups.entries()) {
      if (isTwice(groupNames, seen))
        yield { path: ['clusters', index, 'groups', at, 'name'], message: `there are two groups named ${name}` };
      seen += 1;
    }
  }
}

function* unknownNames(scenario: Scenario, given: Fault | Actor, path: Path): Generator<Contradiction> {
  const known = {
    group: groupsOf(scenario).map(({ name }) => name),
    cluster: scenario.clusters.map(({ name }) => name),
    zone: [...new Set(groupsOf(scenario).flatMap(({ zones }) => zones))].sort(),
  };
  const who = `${path[0] === 'faults' ? 'fault' : 'actor'} ${given.kind}`;
  for (const [key, names] of Object.entries(known)) {
    const name = (given as Readonly<Record<string, unknown>>)[key];
    if (typeof name === 'string' && !names.includes(name))
      yield { path: [...path, key], message: `${who}: there is no ${key} ${name}, only ${listed(names)}` };
  }
}

function* wrongChoice(scenario: Scenario, actor: Actor, path: Path): Generator<Contradiction> {
  if (!('number' in actor) || actor.number === undefined) return;
  if (actor.nodes !== undefined || actor.pick !== undefined)
    yield { path: [...path, 'number'], message: 'expected either number, or nodes and pick' };
  const group = groupsOf(scenario).find(({ name }) => name === actor.group);
  if (group !== undefined && actor.number > group.desiredCapacity)
    yield {
      path: [...path, 'number'],
      message: `there is no node ${actor.number}: the group ${group.name} starts with ${group.desiredCapacity}`,
    };
}

function* wrongActor(scenario: Scenario, actor: Actor, path: Path): Generator<Contradiction> {
  yield* wrongChoice(scenario, actor, path);
  const hasNoSize = (given: { minSize?: unknown; maxSize?: unknown; desiredCapacity?: unknown }) =>
    given.minSize === undefined && given.maxSize === undefined && given.desiredCapacity === undefined;
  if ((actor.kind === 'setSizes' || actor.kind === 'scheduleSizes') && hasNoSize(actor))
    yield { path, message: 'expected at least one of minSize, maxSize and desiredCapacity' };
  if (actor.kind === 'scheduleSizes') {
    if ((actor.afterSeconds === undefined) === (actor.recurrence === undefined))
      yield { path, message: 'expected either afterSeconds or recurrence' };
    if (actor.recurrence !== undefined && parseCron(actor.recurrence) === undefined)
      yield { path: [...path, 'recurrence'], message: `expected five fields such as "0 22 * * 1-5"` };
  }
  const group = 'group' in actor ? groupsOf(scenario).find(({ name }) => name === actor.group) : undefined;
  if (actor.kind === 'setTemplateVersion' && group?.launchConfigurationName !== undefined)
    yield { path: [...path, 'group'], message: `the group ${group.name} has a launch configuration, no template` };
}

/** Find what a scenario asks for and what cannot be: names that are not there, sizes and instants that contradict each other. */
export function* contradictionsOf(scenario: Scenario): Generator<Contradiction> {
  yield* doubledNames(scenario);
  for (const [index, cluster] of scenario.clusters.entries())
    yield* wrongCluster(scenario, cluster, ['clusters', index]);
  for (const list of ['faults', 'actors'] as const)
    for (const [index, given] of scenario[list].entries()) {
      yield* unknownNames(scenario, given, [list, index]);
    }
  for (const [index, actor] of scenario.actors.entries()) yield* wrongActor(scenario, actor, ['actors', index]);
}
