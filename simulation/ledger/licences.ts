import type { KubernetesObject } from 'eks-sandbox';
import { type Entry, nodeExecutionName } from '../../domain/admission/entry.ts';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import type { SimulatedWorld } from '../world.ts';

/** Which executions of nodes the records of a world have entries for. */
export interface Licences {
  /** When a record had the entry of an execution last, milliseconds since the epoch; `undefined` when none ever had. */
  lastHeldAt(execution: string): number | undefined;
  /** The entry of an execution, as the record had it last. */
  entryOf(execution: string): Entry | undefined;
}

/** Follow the entries of all records. */
export function createLicences({ stores, clock, region }: SimulatedWorld): Licences {
  const held = new Set<string>();
  const lastHeld = new Map<string, number>();
  const groupNames = new Map([...region.state.autoScaling.groups.keys()].map((name) => [leaseName(name), name]));

  /** By name of the execution. */
  const entries = new Map<string, Entry>();
  /** Names of the executions that a Lease holds entries for. */
  const executionsIn = ({ metadata, ...lease }: KubernetesObject): string[] => {
    const group = groupNames.get(metadata.name);
    if (group === undefined) return [];
    const { holderIdentity = '' } = (lease as { spec?: { holderIdentity?: string } }).spec ?? {};
    const { accounts } = readRecord({
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: '',
      holder: holderIdentity,
      annotations: metadata.annotations ?? {},
    });
    const found = accounts === undefined || accounts === 'unreadable' ? [] : accounts.entries;
    return found.map((entry) => {
      const name = nodeExecutionName(group, entry);
      entries.set(name, entry);
      return name;
    });
  };

  for (const store of stores.values())
    store.subscribe((event) => {
      if (event.resource !== 'leases' || event.object.metadata.namespace !== LEASE_NAMESPACE) return;
      const before = event.previous === undefined ? [] : executionsIn(event.previous);
      const after = event.type === 'DELETED' ? [] : executionsIn(event.object);
      for (const name of before) {
        held.delete(name);
        lastHeld.set(name, clock.now());
      }
      for (const name of after) held.add(name);
    });
  return {
    lastHeldAt: (execution) => (held.has(execution) ? clock.now() : lastHeld.get(execution)),
    entryOf: (execution) => entries.get(execution),
  };
}
