import assert from 'node:assert/strict';
import {
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  type Update,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks';
import { isReady, type Pod } from 'eks-sandbox/kubernetes';
import { after, before, describe, it } from 'mocha';
import type { AuditEvent } from './harness/audit-policy.ts';
import { NEW_AMI, type Rehearsal, rehearse } from './upgrade/rehearsal.ts';

const PODS = '/api/v1/namespaces/shop/pods';
const IMAGE_LABEL = 'eks.amazonaws.com/nodegroup-image';
/** The user of the kubeconfig, as whom the simulated EKS comes to a cluster that is not EKS's. */
const CLOUD_USER = 'cloud';

const resourceOf = ({ objectRef }: AuditEvent) =>
  [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/');

describe('an update of a managed node group by the simulated EKS, on a real cluster', () => {
  let rehearsal: Rehearsal;
  let ended: Update | undefined;
  let eks: EKSClient;
  const names = { clusterName: 'shop', nodegroupName: 'workers' };

  before(async function () {
    this.timeout(300_000);
    rehearsal = await rehearse(4, 'front door', {
      zones: ['eu-west-1a'],
      maxSize: 4,
      managed: { nodegroupName: 'workers', maxUnavailable: 2 },
    });
    await rehearsal.apply('workloads.yaml');
    await rehearsal.until('all pods are Ready', async () => {
      const pods = await rehearsal.list<Pod>(PODS);
      return pods.length > 0 && pods.every(isReady);
    });
    const { environment } = rehearsal.served;
    eks = new EKSClient({
      region: environment.AWS_REGION as string,
      endpoint: rehearsal.served.awsEndpoint,
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY as string,
      },
    });
    const { update } = await eks.send(new UpdateNodegroupVersionCommand(names));
    const described = { name: 'shop', nodegroupName: 'workers', updateId: update?.id };
    await rehearsal.until(
      'the update has ended',
      async () => {
        ended = (await eks.send(new DescribeUpdateCommand(described))).update;
        return ended?.status !== 'InProgress';
      },
      200,
    );
    await rehearsal.until('the old nodes are gone', async () => (await rehearsal.nodes()).length === 4);
  });

  after(() => rehearsal.stop());

  it('succeeds, and leaves the group as large as it was', async () => {
    assert.deepEqual([ended?.status, ended?.errors], ['Successful', []]);
    const { nodegroup } = await eks.send(new DescribeNodegroupCommand(names));
    assert.deepEqual([nodegroup?.status, nodegroup?.scalingConfig?.desiredSize], ['ACTIVE', 4]);
  });

  it('leaves schedulable nodes with the new configuration', async () => {
    for (const { metadata, spec } of await rehearsal.nodes()) {
      assert.equal(metadata.labels?.[IMAGE_LABEL], NEW_AMI);
      assert.equal(spec?.unschedulable, undefined);
    }
  });

  it('evicts pods as the budgets of the real API server allow', () => {
    const evictions = rehearsal
      .audit()
      .filter((event) => event.user.username === CLOUD_USER && resourceOf(event) === 'pods/eviction');
    const codes = new Set(evictions.map(({ responseStatus }) => responseStatus?.code));
    assert.ok(codes.has(201));
    assert.ok([...codes].every((code) => code === 201 || code === 429 || code === 404 || code === 409));
  });
});
