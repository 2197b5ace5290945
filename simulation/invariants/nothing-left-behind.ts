import { LEASE_NAMESPACE } from '../../domain/admission/record.ts';
import type { GroupLedger } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { isNodeReady } from '../ledger/node-state.ts';
import { observeMap } from '../ledger/observed-fields.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Invariant } from './invariant.ts';

const OWN_TAG = 'eks-nodegroup-upgrade/';

interface TemplateBefore {
  readonly versions: number;
  readonly defaultVersion: number;
}

/** The maximum as it must be in the end: what others set it to, or by how much they changed it. */
function followMaximum({ group, onChange }: GroupLedger): () => readonly number[] {
  let set = group.maxSize;
  let changed = group.maxSize;
  onChange((change) => {
    if (change.kind !== 'maximum' || change.by !== undefined) return;
    set = change.to;
    changed += change.to - change.from;
  });
  return () => [set, changed];
}

/**
 * Whether somebody has taken our tags from a group while no run was there to write them again: what the group was before is
 * known to nobody then, and maximum and template stay as that run has left them.
 */
function followLostTags({ runs, asking }: SimulatedWorld, { group }: GroupLedger): () => boolean {
  let areLost = false;
  observeMap(group.tags, {
    onCome: () => {},
    onLeave(key) {
      const isRunning = runs.some(({ execution }) => execution.status === 'RUNNING');
      if (asking() === undefined && key.startsWith(OWN_TAG) && !isRunning) areLost = true;
    },
  });
  return () => areLost;
}

interface Before {
  readonly maxima: readonly number[];
  readonly statedVersion: string | undefined;
  readonly areTagsLost: boolean;
}

/** What of a group is not as it was, but for what others have changed. */
function differences(ledger: GroupLedger, { maxima, statedVersion, areTagsLost }: Before): string[] {
  const { group, store } = ledger;
  const [least, most] = ledger.meant();
  const version = group.source.kind === 'launch-configuration' ? undefined : group.source.template.version;
  const followed = version === '$Latest' || version === '$Default';
  return [
    ...(group.desiredCapacity < least || group.desiredCapacity > most
      ? [`desired is ${group.desiredCapacity} where ${least === most ? least : `${least} to ${most}`} was wanted`]
      : []),
    ...(areTagsLost || maxima.includes(group.maxSize) || group.maxSize === group.desiredCapacity
      ? []
      : [`MaxSize is ${group.maxSize} where it was ${maxima.join(' or ')}`]),
    ...(followed && version !== statedVersion
      ? [`the template version is ${version} where it was ${statedVersion}`]
      : []),
    ...(!areTagsLost && statedVersion === '$Latest' && version !== '$Latest'
      ? [`the template is pinned to ${version}`]
      : []),
    ...[...group.members.values()].flatMap(({ instance, lifecycleState }) => {
      if (lifecycleState !== 'InService')
        return lifecycleState === 'Standby' ? [] : [`${instance.instanceId} is ${lifecycleState}`];
      const node = ledger.nodeOf(instance.instanceId);
      return node === undefined || !isNodeReady(node) ? [`${instance.instanceId} has no Ready node`] : [];
    }),
    ...store
      .list('leases')
      .filter(({ metadata }) => metadata.namespace === LEASE_NAMESPACE)
      .map(({ metadata }) => `Lease ${metadata.name} is there`),
  ];
}

const templatesOf = ({ region }: SimulatedWorld) => region.state.launchTemplates.all();

/** In the end everything is as it was. */
export const nothingLeftBehind: Invariant = {
  name: 'nothing is left behind',
  promise:
    'After a success nothing of ours is on group and nodes: sizes, tags, suspended processes, labels, annotations, taints and cordons are as they were and as others have made them (maximum and template as far as our tags told, where somebody took those away while no run was there), the Lease is gone, and one template version was added at most.',
  begin(world, broken) {
    const { groups, marks } = ledgerOf(world);
    const maxima = new Map([...groups].map(([name, ledger]) => [name, followMaximum(ledger)]));
    const lostTags = new Map([...groups].map(([name, ledger]) => [name, followLostTags(world, ledger)]));
    const versions = new Map(
      [...groups.values()].map(({ group: { name, source } }) => [
        name,
        source.kind === 'launch-configuration' ? undefined : source.template.version,
      ]),
    );
    const before = new Map<string, TemplateBefore>(
      templatesOf(world).map((each) => [
        each.id,
        { versions: each.versions.size, defaultVersion: each.defaultVersion },
      ]),
    );
    return () => {
      if (world.runs.at(-1)?.execution.status !== 'SUCCEEDED') return;
      for (const [name, ledger] of groups) {
        const found = differences(ledger, {
          maxima: maxima.get(name)?.() ?? [],
          statedVersion: versions.get(name),
          areTagsLost: lostTags.get(name)?.() ?? false,
        });
        if (found.length > 0) broken(`of ${name} ${found.join('; ')}`);
      }
      for (const sentence of marks.leftByUs()) broken(sentence);
      // Whoever points the group at an older version makes the next run add one again.
      const pointed = world.actorReports.filter(({ actor }) => actor.kind === 'setTemplateVersion').length;
      for (const template of templatesOf(world)) {
        const was = before.get(template.id);
        const isManaged = world.region.state.nodegroups.of(world.scenario.clusters[0]?.name ?? '').length > 0;
        if (was === undefined || isManaged) continue;
        if (template.versions.size > was.versions + 1 + pointed)
          broken(`template ${template.name} has ${template.versions.size} versions, and had ${was.versions}`);
        if (template.defaultVersion !== was.defaultVersion)
          broken(
            `the default version of template ${template.name} is ${template.defaultVersion}, and was ${was.defaultVersion}`,
          );
      }
    };
  },
};
