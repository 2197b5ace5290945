import type { NodegroupUpdate } from '../../../domain/eks-update/eks-update.ts';
import { NODEGROUP_LABEL } from '../../../domain/eks-update/target.ts';
import type { EksRun } from '../../../domain/state.ts';
import type { EksUpdate, EksUpdateError, Node, Pod } from '../../../domain/types.ts';
import { aLease, anEksRun, aPod, NEW_AMI, OLD_AMI } from '../../domain/builders.ts';
import { anObservation } from '../../domain/eks-update/update-builders.ts';
import { aNodegroup } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const IMAGE_LABEL = 'eks.amazonaws.com/nodegroup-image';

export interface UpdateWorld extends PortsInMemory {
  readonly run: EksRun;
  /** An observation to go on from: the update began just now, and its nodes are being replaced. */
  readonly before: NodegroupUpdate;
  /** Change what the API server says about a node. */
  changeNode(name: string, changes: Partial<Node>): void;
  /** Change what EKS says about its update. */
  describeUpdate(changes: Partial<EksUpdate>): void;
  /** Put a pod on a node; it is called `name`. */
  addPod(nodeName: string, name: string, overrides?: Partial<Pod>): void;
  /** Let a pod of a node go in so many seconds; `isEvicted: false` for one that somebody deletes. */
  removePod(nodeName: string, name: string, afterSeconds: number, options?: { isEvicted: boolean }): void;
}

const IN_PROGRESS: EksUpdate = {
  id: 'u-1',
  status: 'InProgress',
  type: 'VersionUpdate',
  params: { Version: '1.33', ReleaseVersion: '1.33.5-20260112' },
  createdAt: '2026-01-15T12:00:00.000Z',
  errors: [],
};

/** An error of an update, with the nodes that EKS names. */
export const anUpdateError = (code: string, ...resourceIds: string[]): EksUpdateError => ({
  code,
  message: `${code} happened.`,
  resourceIds,
});

/** Make the group of `createPorts` the managed node group `workers`, which EKS updates and our run has locked. */
export function createUpdateWorld(run: EksRun = anEksRun()): UpdateWorld {
  const ports = createPorts();
  const { aws, kubernetes, clock } = ports;
  aws.nodegroups.set('workers', aNodegroup({ name: 'workers', status: 'UPDATING' }));
  aws.updates.set('u-1', IN_PROGRESS);
  kubernetes.leases.set(aLease().name, aLease());
  const changeNode = (name: string, changes: Partial<Node>): void => {
    const node = kubernetes.nodes.get(name);
    if (node !== undefined) kubernetes.nodes.set(name, { ...node, ...changes });
  };
  for (const name of kubernetes.nodes.keys()) {
    changeNode(name, { labels: { [NODEGROUP_LABEL]: 'workers', [IMAGE_LABEL]: OLD_AMI } });
  }
  return {
    ...ports,
    run,
    before: anObservation({ requestedAt: IN_PROGRESS.createdAt, podsVersion: '0' }),
    changeNode,
    describeUpdate: (changes) => aws.updates.set('u-1', { ...IN_PROGRESS, ...changes }),
    addPod: (nodeName, name, overrides) => kubernetes.pods.set(name, aPod({ name, uid: name, nodeName, ...overrides })),
    removePod(nodeName, name, afterSeconds, { isEvicted } = { isEvicted: true }) {
      const disruption = isEvicted ? { disruption: 'EvictionByEvictionAPI' } : {};
      clock.after(afterSeconds, () => {
        kubernetes.pods.delete(name);
        kubernetes.departures.push({ pod: aPod({ name, uid: name, nodeName, ...disruption }), isGone: true });
      });
    },
  };
}

/** Let a node carry the labels of the target. */
export const renewNode = ({ changeNode }: Pick<UpdateWorld, 'changeNode'>, name: string): void =>
  changeNode(name, { labels: { [NODEGROUP_LABEL]: 'workers', [IMAGE_LABEL]: NEW_AMI } });
