import type {
  V1DaemonSet,
  V1PersistentVolume,
  V1SubjectAccessReview,
  V1VolumeAttachment,
  VersionInfo,
} from '@kubernetes/client-node';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Clock, Cluster } from '../ports.ts';
import { createKubernetesApi } from './api.ts';
import { createEventRecorder } from './events.ts';
import { createLeases } from './leases.ts';
import { listAll } from './list.ts';
import { createNodes } from './nodes.ts';
import { createPods } from './pods.ts';
import { authorization, core, storage, version } from './request-factories.ts';
import type { KubernetesTransport } from './transport.ts';

/**
 * Reach one cluster's Kubernetes API.
 *
 * The generated request factories of client-node name paths, parameters and bodies; `transport` carries them; answers are
 * read as the JSON they are (see `listAll` for the figures). The HTTP library and the deserialiser of client-node are not used.
 *
 * @param clock,random make the names of Events, which the API server does not
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
export function createCluster({
  transport,
  clock,
  random,
}: {
  transport: KubernetesTransport;
  clock: Pick<Clock, 'now'>;
  random: () => number;
}): Cluster {
  const api = createKubernetesApi(transport);
  return {
    ...createNodes(api),
    ...createPods(api),
    ...createLeases(api),
    recordNodeEvent: createEventRecorder({ api, clock, random }),

    async listVolumeAttachments() {
      const { items } = await listAll<V1VolumeAttachment, { nodeName: string; persistentVolumeName: string }>(api, {
        request: () => storage.listVolumeAttachment(),
        doing: 'list volumeattachments',
        kind: 'VolumeAttachmentList',
        convert: ({ spec: { nodeName, source } }) => ({
          nodeName,
          persistentVolumeName: source.persistentVolumeName ?? '',
        }),
      });
      return items;
    },

    async listDaemonSets() {
      const { items } = await listAll<V1DaemonSet, string>(api, {
        request: async () => {
          // The request factory of the group apps is larger than everything else in the bundle.
          const request = await core.listPodForAllNamespaces();
          request.setUrl(request.getUrl().replace('/api/v1/pods', '/apis/apps/v1/daemonsets'));
          return request;
        },
        doing: 'list daemonsets',
        kind: 'DaemonSetList',
        convert: ({ metadata }) => metadata?.uid ?? '',
      });
      return items;
    },

    async findClaimOfVolume(name) {
      const volume = await api.get<V1PersistentVolume, 'absent'>(
        core.readPersistentVolume(name),
        { doing: `get persistentvolume ${name}`, kinds: ['PersistentVolume'] },
        { 404: 'absent' },
      );
      const claim = volume === 'absent' ? undefined : volume.spec?.claimRef;
      return claim === undefined ? undefined : `${claim.namespace}/${claim.name}`;
    },

    async may({ subject, verb, group, resource, subresource, namespace }) {
      const resourceAttributes = omitUndefined({ verb, group, resource, subresource, namespace });
      const review = await api.get<V1SubjectAccessReview>(
        authorization.createSubjectAccessReview({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { groups: [subject], resourceAttributes },
        }),
        { doing: 'create subjectaccessreviews', kinds: ['SubjectAccessReview'] },
      );
      return review.status?.allowed ?? false;
    },

    async serverVersion() {
      const options = { doing: 'get /version', isFirstContact: true };
      const answer = await api.ask<Partial<VersionInfo>>(version.getCode(), options);
      if (answer.status >= 300) throw api.refusal(answer, options);
      if (answer.body.gitVersion === undefined) throw api.refusal({ status: 404, body: {} }, options);
      return answer.body.gitVersion;
    },
  };
}
