import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Choices } from './choices.ts';

export type Workload = NonNullable<ScenarioInput['clusters'][number]['workloads']>[number];
type Budget = NonNullable<Workload['budget']>;

const EVERYWHERE = [{ operator: 'Exists' as const }];

/** A budget that lets pods go, a few at a time. */
function lenientBudget(choices: Choices, replicas: number): Budget {
  const of: Budget[] = [{ maxUnavailable: 1 }, { maxUnavailable: '50%' }];
  if (replicas > 1) of.push({ minAvailable: replicas - 1 }, { minAvailable: '50%' }, { maxUnavailable: 2 });
  return choices.one(of);
}

/** A budget that blocks every drain until somebody changes it. */
const strictBudget = (choices: Choices, replicas: number): Budget =>
  choices.one<Budget>([{ maxUnavailable: 0 }, { minAvailable: replicas }, { minAvailable: '100%' }]);

const stops = (choices: Choices): Pick<Workload, 'terminationGracePeriodSeconds' | 'terminationSeconds'> =>
  choices.chance(0.2)
    ? { terminationGracePeriodSeconds: 120, terminationSeconds: choices.between(30, 120) }
    : { terminationSeconds: choices.between(1, 20) };

function deployment(choices: Choices, name: string, nodes: number, isBlocking: boolean): Workload {
  const replicas = choices.between(1, nodes * 2);
  const budget = isBlocking
    ? strictBudget(choices, replicas)
    : choices.chance(0.6)
      ? lenientBudget(choices, replicas)
      : undefined;
  return {
    kind: 'Deployment',
    name,
    namespace: 'shop',
    replicas,
    spread: choices.one(['none', 'zone', 'host']),
    startSeconds: choices.between(1, 20),
    ...stops(choices),
    ...(budget !== undefined && { budget }),
    ...(choices.chance(0.1) && { emptyDir: true }),
    ...(choices.chance(0.1) && { tolerations: EVERYWHERE }),
  };
}

function statefulSet(choices: Choices, nodes: number): Workload {
  const replicas = choices.between(1, Math.max(1, Math.min(3, nodes - 1)));
  return {
    kind: 'StatefulSet',
    name: 'db',
    namespace: 'shop',
    replicas,
    startSeconds: choices.between(1, 20),
    ...stops(choices),
    volumeClaim: choices.chance(0.6),
    antiAffinity: choices.chance(0.5) ? 'host' : 'none',
    ...(choices.chance(0.7) && { budget: { maxUnavailable: 1 } }),
  };
}

/** What runs on so many nodes: the usual DaemonSet, and a few workloads of all kinds. */
export function workloads(choices: Choices, nodes: number, { blocking }: { blocking: number }): Workload[] {
  const made: Workload[] = [
    { kind: 'DaemonSet', name: 'aws-node', namespace: 'kube-system', tolerations: EVERYWHERE },
    deployment(choices, 'web', nodes, false),
  ];
  if (choices.chance(0.5)) made.push(deployment(choices, 'api', nodes, choices.chance(blocking)));
  if (choices.chance(0.4)) made.push(statefulSet(choices, nodes));
  if (choices.chance(0.2)) made.push({ kind: 'DaemonSet', name: 'agent', namespace: 'shop' });
  if (choices.chance(0.2)) made.push({ kind: 'Pod', name: 'bare', namespace: 'shop', replicas: choices.between(1, 2) });
  if (choices.chance(0.1))
    made.push({ kind: 'Job', name: 'batch', namespace: 'shop', replicas: choices.between(1, 2), runSeconds: 300 });
  return made;
}
