import * as z from 'zod';
import { checksumOf } from '../text.ts';
import type { Lease } from '../types.ts';

/** Namespace of the Lease that is lock and control record of a node group's upgrade. */
export const LEASE_NAMESPACE = 'kube-system';

/** Annotations of the Lease. An operator may set `cancel` and `pause` with kubectl annotate. */
export const CONTROL = {
  /** Set by the run: no node may start any more. JSON {error, cause}. */
  halt: 'eks-nodegroup-upgrade/halt',
  /** Set by the operator: stop in an orderly way. Any value; the text is shown as the reason. */
  cancel: 'eks-nodegroup-upgrade/cancel',
  /** Set by the operator: start no further node until it is removed. */
  pause: 'eks-nodegroup-upgrade/pause',
  /** Written by the run: how many nodes in a row were blocked, and with how many outdated nodes left. JSON. */
  blocked: 'eks-nodegroup-upgrade/blocked',
  /** Written by the run: instances chosen to be terminated with a decrement of the desired capacity. JSON list. */
  absorbed: 'eks-nodegroup-upgrade/absorbed',
} as const;

/** Name of the Lease of a node group: Auto Scaling group names allow characters and lengths that Kubernetes names do not. */
export function leaseName(autoScalingGroupName: string): string {
  const safe = autoScalingGroupName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (safe === autoScalingGroupName && safe.length <= 200) return `eks-nodegroup-upgrade-${safe}`;
  // Distinct names must not meet in one lock, so what was cut or replaced comes back as a checksum.
  return `eks-nodegroup-upgrade-${safe.slice(0, 200)}-${checksumOf(autoScalingGroupName)}`;
}

const haltSchema = z.object({ error: z.string(), cause: z.string() });
export type Halt = Readonly<z.infer<typeof haltSchema>>;

const blockedSchema = z.object({ count: z.int().min(0), outdatedLeft: z.int().min(0) });
/** How many nodes in a row were blocked; `outdatedLeft` tells whether another one was terminated in between. */
export type BlockedInRow = Readonly<z.infer<typeof blockedSchema>>;

const absorbedSchema = z.array(z.string());

/** Parse the value of an annotation. An operator may have edited it, so a value that cannot be read counts as absent. */
function readJson<Value>(text: string | undefined, schema: z.ZodType<Value>): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Read what the control record orders. */
export function readControl(lease: Lease): {
  halt?: Halt;
  cancel?: string;
  pause?: string;
  blocked?: BlockedInRow;
  absorbed: string[];
} {
  const { annotations } = lease;
  const halt = readJson(annotations[CONTROL.halt], haltSchema);
  const blocked = readJson(annotations[CONTROL.blocked], blockedSchema);
  const cancel = annotations[CONTROL.cancel];
  const pause = annotations[CONTROL.pause];
  return {
    ...(halt !== undefined && { halt }),
    ...(cancel !== undefined && { cancel }),
    ...(pause !== undefined && { pause }),
    ...(blocked !== undefined && { blocked }),
    absorbed: readJson(annotations[CONTROL.absorbed], absorbedSchema) ?? [],
  };
}

/** A lease with some of its annotations changed; `undefined` removes one. */
export function withControl(lease: Lease, changes: Partial<Record<keyof typeof CONTROL, unknown>>): Lease {
  const annotations: Record<string, string> = { ...lease.annotations };
  for (const [name, value] of Object.entries(changes)) {
    const key = CONTROL[name as keyof typeof CONTROL];
    if (value === undefined) delete annotations[key];
    else annotations[key] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return { ...lease, annotations };
}

/** Count one more blocked node: in a row with the last when no node was terminated since. */
export const countBlocked = (before: BlockedInRow | undefined, outdatedLeft: number): BlockedInRow => ({
  count: before !== undefined && before.outdatedLeft === outdatedLeft ? before.count + 1 : 1,
  outdatedLeft,
});

/** Decide whether blocked nodes stop the run now: at the first when asked to, else when it looks systemic. */
export const haltsTheRun = (
  blocked: BlockedInRow,
  run: { failurePolicy: 'finish' | 'halt'; parallelism: number },
): boolean => run.failurePolicy === 'halt' || blocked.count >= Math.max(2, run.parallelism);
