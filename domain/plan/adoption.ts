import * as z from 'zod';
import type { Entry } from '../admission/entry.ts';
import type { GroupRecord } from '../admission/record.ts';
import type { UpgradeInput } from '../input/input.ts';
import { boundedText, plural } from '../text.ts';
import { someOf } from './scope.ts';

const handling = z.enum(['evict', 'refuse']);
const sharedSchema = z.looseObject({
  run: z.looseObject({
    force: z.boolean(),
    drainTimeoutSeconds: z.number(),
    cordonWaitSeconds: z.number(),
    pods: z.looseObject({ unmanaged: handling, localStorage: handling }),
  }),
});
type NodeSettings = Pick<UpgradeInput, 'force' | 'drainTimeoutSeconds' | 'cordonWaitSeconds' | 'pods'>;

const textsOf = ({ force, drainTimeoutSeconds, cordonWaitSeconds, pods }: NodeSettings): string[] => [
  `drainTimeoutSeconds ${drainTimeoutSeconds}`,
  `cordonWaitSeconds ${cordonWaitSeconds}`,
  `force ${force}`,
  `pods.unmanaged ${pods.unmanaged}`,
  `pods.localStorage ${pods.localStorage}`,
];

/** What becomes of the settings of the run that began with a node. */
function describeSettings(shared: string | undefined, input: UpgradeInput): string {
  const earlier = sharedSchema.safeParse(shared === undefined ? undefined : JSON.parse(shared)).data?.run;
  if (earlier === undefined) return '; with which settings the record does not tell';
  if (earlier.force && !input.force) return '; they are stopped, and drained again without force';
  const own = new Set(textsOf(input));
  const other = textsOf(earlier).filter((text) => !own.has(text));
  return other.length === 0 ? '' : `; they keep ${other.join(', ')}`;
}

function describe(entries: readonly Entry[], shared: string | undefined, input: UpgradeInput): string {
  const names = someOf(entries.map(({ nodeName, instanceId }) => boundedText(nodeName ?? instanceId)));
  const nodes = plural(entries.length, 'node');
  return `an earlier run has begun with ${nodes}, which this one adopts: ${names}${describeSettings(shared, input)}`;
}

/** Say which nodes in hand a run takes over from those before it, and what other settings they keep, a sentence for each run. */
export function adoptionNotes(record: GroupRecord | undefined, input: UpgradeInput): string[] {
  if (record?.accounts === undefined || record.accounts === 'unreadable') return [];
  const byRun = new Map<string, Entry[]>();
  for (const entry of record.accounts.entries) {
    if (entry.state === 'inHand') byRun.set(entry.runId, [...(byRun.get(entry.runId) ?? []), entry]);
  }
  return [...byRun].map(([runId, entries]) => describe(entries, record.inputs[runId], input));
}
