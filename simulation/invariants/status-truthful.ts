import type { GroupLedger } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { onRunEnded } from '../ledger/runs.ts';
import type { NodeStep } from '../ledger/steps.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Invariant } from './invariant.ts';
import { isOutdatedFor } from './rightful-nodes.ts';

/** What others change so shortly before the end cannot have been seen. */
const SEEN_SECONDS = 60;

/** What is not as a success says. */
function untruths({ group, meant, ready }: GroupLedger, { run }: Pick<NodeStep, 'run'>, output: string): string[] {
  const members = [...group.members.values()];
  const staying = members.filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'));
  const outdated = staying.filter(
    (member) =>
      member.lifecycleState === 'InService' &&
      isOutdatedFor(member, { run }) &&
      (run.nodes?.includes(member.instance.instanceId) ?? true),
  );
  const unnamed = members.filter(
    ({ lifecycleState, instance }) => lifecycleState.startsWith('Terminating') && !output.includes(instance.instanceId),
  );
  const [least, most] = meant();
  return [
    ...outdated.map(({ instance }) => `${instance.instanceId} is outdated`),
    ...unnamed.map(({ instance }) => `${instance.instanceId} is still terminating, and no warning names it`),
    ...(group.desiredCapacity > most ? [`desired is ${group.desiredCapacity} where ${most} are wanted`] : []),
    ...(ready() < Math.min(least, group.desiredCapacity) ? [`${ready()} of ${least} nodes are Ready`] : []),
    ...(group.desiredCapacity < least && !output.includes('desired')
      ? [`desired is ${group.desiredCapacity} where ${least} are wanted, and nothing says so`]
      : []),
  ];
}

/** When others changed a group last, milliseconds since the epoch. */
function followOthers(world: SimulatedWorld, groups: Iterable<GroupLedger>): ReadonlyMap<string, number> {
  const changedAt = new Map<string, number>();
  for (const { group, onChange } of groups)
    onChange(({ by, kind }) => {
      if (by === undefined && kind !== 'left') changedAt.set(group.name, world.clock.now());
    });
  return changedAt;
}

/** A run that says that it has succeeded has. */
export const statusTruthful: Invariant = {
  name: 'the status is true',
  promise:
    'A run that ends SUCCEEDED has left no outdated node in its scope, the sizes are back, every node is Ready, and old instances are gone or named.',
  begin(world, broken) {
    const { groups } = ledgerOf(world);
    const changedAt = followOthers(world, groups.values());
    onRunEnded(world, ({ name, status, output }, run) => {
      const ledger = groups.get(run.autoScalingGroupName);
      if (status !== 'SUCCEEDED' || ledger === undefined || run.engine !== 'workflow') return;
      const untrue = untruths(ledger, { run }, output?.text ?? '');
      const sinceOthers = world.clock.now() - (changedAt.get(ledger.group.name) ?? 0);
      if (untrue.length > 0 && sinceOthers > SEEN_SECONDS * 1000)
        broken(`${name} ends SUCCEEDED, but ${untrue.join('; ')}`);
    });
    return undefined;
  },
};
