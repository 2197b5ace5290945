import assert from 'node:assert/strict';
import type { Cluster } from '../../../clients/ports.ts';
import { aLease, aPod } from '../../domain/builders.ts';
import { type Answer, fakeCluster, statusOf } from './fake-kubernetes.ts';

const PATCH = { unschedulable: true };
const IDENTITY = { uid: 'uid-a', providerId: 'aws:///eu-west-1a/i-0a' };

/** Everything that reads an object or a list, or changes something. */
const REQUESTS: readonly [title: string, kind: string, ask: (cluster: Cluster) => Promise<unknown>][] = [
  ['a list of nodes', 'NodeList', (cluster) => cluster.listNodes()],
  ['a list of the pods on a node', 'PodList', (cluster) => cluster.listPodsOnNode('node-a')],
  ['a list of all pods', 'PodList', (cluster) => cluster.listPods()],
  ['the version of the list of pods', 'PodList', (cluster) => cluster.podsVersion()],
  ['a list of budgets', 'PodDisruptionBudgetList', (cluster) => cluster.listBudgets()],
  ['a list of volume attachments', 'VolumeAttachmentList', (cluster) => cluster.listVolumeAttachments()],
  ['a node', 'Node', (cluster) => cluster.findNode('node-a')],
  ['a patch of a node', 'Node', (cluster) => cluster.patchNode('node-a', PATCH)],
  ['a patch of a certain node', 'Node', (cluster) => cluster.patchNode('node-a', { ...PATCH, identity: IDENTITY })],
  ['a lease', 'Lease', (cluster) => cluster.findLease('ns', 'workers')],
  ['the creation of a lease', 'Lease', (cluster) => cluster.createLease('ns', aLease())],
  ['the change of a lease', 'Lease', (cluster) => cluster.replaceLease('ns', aLease())],
  ['the annotation of a lease', 'Lease', (cluster) => cluster.annotateLease('ns', aLease(), {})],
  ['the deletion of a lease', 'Status', (cluster) => cluster.deleteLease('ns', aLease())],
];

const whole = JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '7' }, items: [{ metadata: {} }] });

/** What comes from a proxy, or through a broken one. */
const GARBAGE: readonly [title: string, answer: Answer][] = [
  ['a page of HTML', { pieces: ['<html><body>Sign in</body></html>'] }],
  ['nothing', { pieces: [''] }],
  ['a body that was cut', { pieces: [whole.slice(0, 60)] }],
  ['an empty object', { pieces: ['{}'] }],
  ['a number', { pieces: ['1'] }],
  ['an object of another kind', { object: { kind: 'Secret', metadata: { resourceVersion: '7' }, items: [] } }],
];

describe('a 2xx that is not what was asked for', () => {
  for (const [asked, kind, ask] of REQUESTS) {
    for (const [garbage, answer] of GARBAGE) {
      it(`is no answer to ${asked}: ${garbage}`, async () => {
        const message = new RegExp(`failed for now: what answered is no complete ${kind}`);
        await assert.rejects(ask(fakeCluster(answer).cluster), { name: 'ServiceUnavailable', message });
      });
    }
  }

  const lists = REQUESTS.filter(([, kind]) => kind.endsWith('List'));
  for (const [asked, kind, ask] of lists) {
    const incomplete: [title: string, object: object][] = [
      ['without items', { kind, metadata: { resourceVersion: '7' } }],
      ['with items that are none', { kind, metadata: { resourceVersion: '7' }, items: {} }],
      ['without a version', { kind, metadata: {}, items: [] }],
      ['that is a Status around a refusal', statusOf(500, 'etcdserver: no leader').object],
    ];
    for (const [title, object] of incomplete) {
      it(`is never an empty list: ${asked} ${title}`, () =>
        assert.rejects(ask(fakeCluster({ object }).cluster), { name: 'ServiceUnavailable' }));
    }
  }

  it('is not taken for the end of a list either, on its second page', async () => {
    const page = { kind: 'PodList', metadata: { resourceVersion: '7', continue: 'token' }, items: [] };
    const { cluster } = fakeCluster({ object: page }, { pieces: ['<html>'] });
    await assert.rejects(cluster.listPods(), { name: 'ServiceUnavailable' });
  });

  for (const [garbage, answer] of [
    ...GARBAGE,
    ['a Status without success', { object: { kind: 'Status', status: 'Perhaps' } }],
    ['the pod', { object: { kind: 'Pod', metadata: { resourceVersion: '7' } } }],
  ] as const) {
    it(`is no accepted eviction, nor one that would be, so that it is asked for again: ${garbage}`, async () => {
      for (const outcome of [
        await fakeCluster(answer).cluster.evict(aPod()),
        await fakeCluster(answer).cluster.tryEviction(aPod()),
      ]) {
        assert.ok(outcome.status === 'later');
        assert.match(outcome.message ?? '', /what answered is no complete Status/);
      }
    });
  }

  for (const [garbage, answer] of GARBAGE) {
    it(`is no deletion, so that it is asked for again: ${garbage}`, async () => {
      const outcome = await fakeCluster(answer).cluster.deletePod(aPod());
      assert.ok(typeof outcome === 'object');
      assert.match(outcome.refused, /what answered is no complete Pod or Status/);
    });
  }
});

describe('what a webhook or the API server says of a refused eviction', () => {
  it('is cut to 500 characters and cleared of control characters', async () => {
    const message = `Cannot evict pod as it would violate the budget.\u202e\n${'x'.repeat(20_000)}`;
    const details = { causes: [{ reason: 'DisruptionBudget', message: '' }] };
    const outcome = await fakeCluster(statusOf(429, message, { details })).cluster.evict(aPod());
    assert.ok(outcome.status === 'blocked');
    assert.equal(outcome.message.length, 500);
    assert.doesNotMatch(outcome.message, /[\u202e\n]/);
  });
});
