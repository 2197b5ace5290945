import type { V1Lease, V1Status } from '@kubernetes/client-node';
import { Conflict } from '../../domain/errors.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Lease } from '../../domain/types.ts';
import type { Cluster } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { toLease, type Wire } from './objects.ts';
import { coordination, deleteOptions } from './request-factories.ts';

const toObject = (
  namespace: string,
  { name, holder, annotations }: Omit<Lease, 'resourceVersion'>,
  read: { uid?: string | undefined; resourceVersion?: string } = {},
) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: omitUndefined({ name, namespace, annotations: { ...annotations }, ...read }),
  spec: omitUndefined({ holderIdentity: holder }),
});

const leaseOr = <Expected extends string>(answer: Wire<V1Lease> | Expected): Lease | Expected =>
  typeof answer === 'string' ? answer : toLease(answer);

/** Read and write leases, each write only on the version that was read. */
export function createLeases(
  api: KubernetesApi,
): Pick<Cluster, 'findLease' | 'createLease' | 'replaceLease' | 'annotateLease' | 'deleteLease'> {
  return {
    async findLease(namespace, name) {
      const lease = await api.get<V1Lease, undefined>(
        coordination.readNamespacedLease(name, namespace),
        { doing: `get lease ${namespace}/${name}`, kinds: ['Lease'] },
        { 404: undefined },
      );
      return lease && toLease(lease);
    },

    async createLease(namespace, lease) {
      const answer = await api.get<V1Lease, 'conflict' | 'noNamespace'>(
        coordination.createNamespacedLease(namespace, toObject(namespace, lease)),
        { doing: `create lease ${namespace}/${lease.name}`, kinds: ['Lease'] },
        // To a creation in a namespace that is there, nothing can be absent.
        { 404: 'noNamespace', 409: 'conflict' },
      );
      return leaseOr(answer);
    },

    async replaceLease(namespace, lease) {
      const { uid, resourceVersion } = lease;
      // Without its uid the request would create a Lease that somebody has deleted.
      const object = toObject(namespace, lease, { uid, resourceVersion });
      const answer = await api.get<V1Lease, 'conflict'>(
        coordination.replaceNamespacedLease(lease.name, namespace, object),
        { doing: `update lease ${namespace}/${lease.name}`, kinds: ['Lease'] },
        { 404: 'conflict', 409: 'conflict' },
      );
      return leaseOr(answer);
    },

    async annotateLease(namespace, { name, resourceVersion }, annotations) {
      const request = await coordination.patchNamespacedLease(name, namespace, {
        metadata: { resourceVersion, annotations },
      });
      // The factory sets JSON patch, the first type that it supports, whatever the body is.
      request.setHeaderParam('Content-Type', 'application/merge-patch+json');
      const answer = await api.get<V1Lease, 'conflict'>(
        Promise.resolve(request),
        { doing: `patch lease ${namespace}/${name}`, kinds: ['Lease'] },
        { 404: 'conflict', 409: 'conflict' },
      );
      return leaseOr(answer);
    },

    async deleteLease(namespace, { name, resourceVersion }) {
      const request = await coordination.deleteNamespacedLease(name, namespace);
      // A lease that somebody has taken over meanwhile is theirs.
      request.setBody(deleteOptions({ resourceVersion }));
      const answer = await api.get<V1Status, 'absent' | 'conflict'>(
        Promise.resolve(request),
        { doing: `delete lease ${namespace}/${name}`, kinds: ['Status'] },
        { 404: 'absent', 409: 'conflict' },
      );
      if (answer === 'conflict') throw new Conflict(`Lease ${namespace}/${name} was changed since it was read`);
    },
  };
}
