import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Choices } from './choices.ts';
import { workloads } from './workloads.ts';

export const CLUSTER = 'shop';
const REGION = 'eu-west-1';
export const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
const OLD_RELEASE = '1.33.5-20251120';
const NEW_RELEASE = '1.33.5-20251229';

type Cluster = ScenarioInput['clusters'][number];
export type Group = Cluster['groups'][number];

const image = (id: string, release: string, isRecommended: boolean) => ({
  id,
  name: `amazon-eks-node-al2023-x86_64-standard-1.33-v${release.split('-').at(-1)}`,
  releaseVersion: release,
  isRecommended,
});

/** The AMI in use, and the one that AWS recommends. */
export const images = () => [image(OLD_AMI, OLD_RELEASE, false), image(NEW_AMI, NEW_RELEASE, true)];

/** What a world is made of, besides chance. */
export interface WorldKind {
  readonly groups: number;
  readonly mostNodes: number;
  /** Probability that a group is managed by EKS. */
  readonly managed: number;
  /** Probability that a budget blocks every drain until somebody changes it. */
  readonly blocking: number;
}

/** Auto Scaling group number 1, 2, …; `nodegroup-1` for EKS when it is managed. */
function group(choices: Choices, number: number, kind: WorldKind): Group {
  const zones = ['a', 'b', 'c'].slice(0, choices.between(1, 3)).map((zone) => `${REGION}${zone}`);
  const desiredCapacity = choices.between(1, choices.chance(0.2) ? kind.mostNodes : Math.min(kind.mostNodes, 5));
  const minSize = choices.chance(0.3) ? desiredCapacity : choices.between(0, desiredCapacity);
  const maxSize = desiredCapacity + (choices.chance(0.3) ? 0 : choices.between(0, 4));
  const renewedNodes = choices.chance(0.15) ? choices.between(0, desiredCapacity - 1) : 0;
  const isManaged = choices.chance(kind.managed);
  return {
    name: `workers-${number}`,
    zones,
    minSize,
    maxSize: Math.max(1, maxSize),
    desiredCapacity,
    amiId: OLD_AMI,
    launchTemplateVersion: choices.one(['1', '3', ...(isManaged ? [] : ['$Latest', '$Default'])]),
    labels: { role: `workers-${number}` },
    tags: { team: 'platform' },
    ...(renewedNodes > 0 && { renewedNodes, renewedAmiId: NEW_AMI }),
    ...(choices.chance(0.15) && { suspendedProcesses: ['AZRebalance'] }),
    ...(isManaged && {
      managed: {
        nodegroupName: `nodegroup-${number}`,
        ...choices.one([{}, { maxUnavailable: 2 }, { maxUnavailablePercentage: 50 }, { updateStrategy: 'MINIMAL' }]),
      },
    }),
  };
}

/** A healthy world in which nothing goes wrong. */
export function scenario(choices: Choices, seed: number, kind: WorldKind): ScenarioInput {
  const groups = Array.from({ length: kind.groups }, (_, index) =>
    group(choices.of(`group ${index}`), index + 1, kind),
  );
  const nodes = groups.reduce((sum, { desiredCapacity }) => sum + desiredCapacity, 0);
  const timings = choices.of('timings');
  return {
    seed,
    clusters: [{ name: CLUSTER, groups, workloads: workloads(choices.of('workloads'), nodes, kind) }],
    images: images(),
    timings: {
      joinSeconds: timings.between(10, 60),
      readySeconds: timings.between(5, 30),
      terminatingSeconds: timings.between(10, 60),
    },
  };
}
