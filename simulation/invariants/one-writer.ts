import { LEASE_NAMESPACE, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import type { Invariant } from './invariant.ts';

/** Who has lost the record does not write it. */
export const oneWriter: Invariant = {
  name: 'one writer of the record',
  promise:
    'Only the call that opened the record last writes it: one that was retried, frozen or stopped meanwhile writes nothing more.',
  begin({ stores, asking }, broken) {
    /** By uid of the Lease, nonces that a later one has replaced. */
    const replaced = new Map<string, Set<string>>();
    for (const store of stores.values())
      store.subscribe((event) => {
        if (event.resource !== 'leases' || event.type !== 'MODIFIED') return;
        const { metadata } = event.object;
        const by = asking();
        if (by === undefined || metadata.namespace !== LEASE_NAMESPACE) return;
        const before = event.previous?.metadata.annotations?.[RECORD_ANNOTATIONS.nonce];
        const nonce = metadata.annotations?.[RECORD_ANNOTATIONS.nonce];
        if (nonce === before) return;
        const past = replaced.get(metadata.uid) ?? new Set();
        replaced.set(metadata.uid, past);
        if (before !== undefined) past.add(before);
        if (nonce !== undefined && past.has(nonce))
          broken(`${by.invocation?.functionKey} writes the record of ${metadata.name}, which a later call has opened`);
      });
    return undefined;
  },
};
