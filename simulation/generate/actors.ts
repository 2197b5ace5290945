import type { ScenarioInput } from 'eks-sandbox/scenario';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import type { Choices } from './choices.ts';
import type { Fault } from './faults.ts';
import type { Range } from './profiles.ts';
import { CLUSTER, type Group } from './scenario.ts';
import { instant, some, spell, type TroubledWorld } from './troubled-world.ts';

type Actor = NonNullable<ScenarioInput['actors']>[number];

/** What somebody does, and what he does later because of it; what cannot be helped is a fault. */
interface Deed {
  readonly actors?: readonly Actor[];
  readonly faults?: readonly Fault[];
}

type Make = (choices: Choices, group: Group, world: TroubledWorld) => Deed;

const FOREIGN_TAINT = { key: 'example.com/maintenance', effect: 'NoSchedule' as const };

/** Tags that terraform does not know and takes away. */
const OWN_TAGS = Object.values(ORIGINAL_SETTINGS_TAGS);

const AUTOSCALER: readonly Make[] = [
  (choices, { name }, world) => ({
    faults: [
      {
        kind: 'setDesiredCapacity',
        group: name,
        atSeconds: instant(choices, world),
        change: choices.one([-2, -1, 1, 2]),
      },
    ],
  }),
  (choices, { name, desiredCapacity }, world) => ({
    actors: [
      {
        kind: 'setSizes',
        atSeconds: instant(choices, world),
        group: name,
        desiredCapacity: Math.max(1, desiredCapacity + choices.one([-1, 0, 1, 2])),
      },
    ],
  }),
];

const TERRAFORM: readonly Make[] = [
  (choices, { name, minSize, maxSize, desiredCapacity }, world) => ({
    actors: [
      {
        kind: 'setSizes',
        atSeconds: instant(choices, world),
        group: name,
        ...choices.one([
          { minSize: desiredCapacity, maxSize: Math.max(maxSize, desiredCapacity) },
          { minSize: Math.min(minSize, 1), maxSize: Math.max(maxSize, desiredCapacity) },
          { minSize, maxSize, desiredCapacity },
        ]),
      },
    ],
  }),
  (choices, { name }, world) => ({
    actors: [
      choices.chance(0.5)
        ? { kind: 'removeTags', atSeconds: instant(choices, world), group: name, keys: [...OWN_TAGS] }
        : { kind: 'setTags', atSeconds: instant(choices, world), group: name, tags: { team: 'payments' } },
    ],
  }),
  // EKS calls a managed group DEGRADED for good when others do that, and updates it no more.
  (choices, { name, managed, launchTemplateVersion: version = '1' }, world) => ({
    actors:
      managed === undefined
        ? [{ kind: 'setTemplateVersion', atSeconds: instant(choices, world), group: name, version }]
        : [],
  }),
];

const PEOPLE: readonly Make[] = [
  (choices, { name }, world) => {
    const atSeconds = instant(choices, world);
    const back: Actor = {
      kind: 'uncordonNodes',
      atSeconds: Math.min(world.healthyAfterSeconds, atSeconds + 200),
      group: name,
      nodes: 9,
    };
    return {
      actors: [{ kind: 'cordonNodes', atSeconds, group: name }, ...(choices.chance(0.5) ? [back] : [])],
    };
  },
  (choices, { name }, world) => ({
    actors: [{ kind: 'taintNodes', atSeconds: instant(choices, world), group: name, taint: FOREIGN_TAINT }],
  }),
  (choices, { name }, world) => ({
    actors: [
      {
        kind: 'untaintNodes',
        atSeconds: instant(choices, world),
        group: name,
        nodes: choices.between(1, 3),
        key: 'eks.amazonaws.com/nodegroup',
      },
    ],
  }),
  // A group of one node would have none left that says which cluster it is of.
  (choices, { name, desiredCapacity }, world) => ({
    actors: desiredCapacity > 1 ? [{ kind: 'deleteNodes', atSeconds: instant(choices, world), group: name }] : [],
  }),
  (choices, { name }, world) => ({
    actors: [
      {
        kind: 'deleteLease',
        atSeconds: instant(choices, world),
        cluster: CLUSTER,
        namespace: LEASE_NAMESPACE,
        name: leaseName(name),
      },
    ],
  }),
  (choices, { name }, world) => {
    const atSeconds = instant(choices, world);
    return {
      actors: [
        { kind: 'enterStandby', atSeconds, group: name, decrementDesired: choices.chance(0.5) },
        { kind: 'exitStandby', atSeconds: Math.min(world.healthyAfterSeconds, atSeconds + 300), group: name },
      ],
    };
  },
];

const PHYSICS: readonly Make[] = [
  (choices, { name }, world) => ({
    faults: [
      {
        kind: 'spotInterruption',
        group: name,
        atSeconds: instant(choices, world),
        nodes: choices.chance(0.8) ? 1 : 2,
      },
    ],
  }),
  (choices, { zones }, world) => ({
    faults: [{ kind: 'insufficientCapacity', zone: choices.one(zones), ...spell(choices, world, 600) }],
  }),
  (choices, { name }, world) => ({
    faults: [{ kind: 'nodeNotReady', group: name, atSeconds: instant(choices, world) }],
  }),
];

/** What other people, other programs and the weather do meanwhile. */
export function deeds(choices: Choices, range: Range, world: TroubledWorld): { actors: Actor[]; faults: Fault[] } {
  const done = some(choices, range, (each) =>
    each.one(each.one([AUTOSCALER, TERRAFORM, PEOPLE, PHYSICS]))(each, each.one(world.groups), world),
  );
  return {
    actors: done.flatMap(({ actors = [] }) => actors),
    faults: done.flatMap(({ faults = [] }) => faults),
  };
}
