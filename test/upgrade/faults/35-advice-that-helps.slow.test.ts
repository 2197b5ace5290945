import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, INPUT, kubernetesCalls, world } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

const QUICK = { ...INPUT, drainTimeoutSeconds: 120 };

describe('#35 what is advised helps the pod that is blocked', () => {
  it('a Ready pod behind one that does not become Ready: repair that one, no other policy for its budget', async () => {
    const vault = { kind: 'StatefulSet', name: 'vault', namespace: 'vault', replicas: 3, spread: 'host' } as const;
    const sealed = { ...vault, startSeconds: 1_000_000, budget: { maxUnavailable: 1 } };
    const sandbox = await createWorld(world({ workloads: [sealed] }));
    const ended = await sandbox.upgrade(QUICK);
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /repair the pods that do not become Ready \(kubectl get pods -n vault -l app=vault\)/);
    assert.doesNotMatch(ended.cause, /AlwaysAllow/);
  });

  it('a pod that its budget lets go just before the end of its drain: no more time, which it does not need', async () => {
    const api = { kind: 'Deployment', name: 'api', namespace: 'shop', budget: { minAvailable: 1 } } as const;
    const slow = { ...api, terminationGracePeriodSeconds: 60, terminationSeconds: 50 };
    const sandbox = await watchedWorld(world({ workloads: [slow] }));
    const execution = sandbox.start({ ...QUICK, failurePolicy: 'halt' });
    await sandbox.when(() => sandbox.evictions.some((name) => name.startsWith('api-')));
    await sandbox.clock.advance(100);
    sandbox.store.remove('poddisruptionbudgets', 'shop', 'api');
    const ended = await sandbox.end(execution);
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.doesNotMatch(ended.cause, /drainTimeoutSeconds above its grace period/);
    assert.match(ended.cause, /start the upgrade again once it has stopped/);
  });

  for (const [title, fault, words, advice] of [
    [
      'an operator that defers evictions with 429',
      { answer: 'denies', code: 429, message: 'the Strimzi Cluster Operator will roll this pod' },
      /the Strimzi Cluster Operator will roll this pod/,
      /webhook/,
    ],
    [
      'a webhook that cannot be called',
      { answer: 'fails' },
      /failed calling webhook "guard\.example\.com"/,
      /set its failurePolicy to Ignore/,
    ],
  ] as const) {
    it(`${title}: its words, and not the load on the API server`, async () => {
      const faults = [
        { kind: 'evictionWebhook', name: 'guard.example.com', matchLabels: { app: 'kafka' }, ...fault },
      ] as const;
      const kafka = { kind: 'Deployment', name: 'kafka', namespace: 'shop' } as const;
      const sandbox = await createWorld(world({ workloads: [kafka], scenario: { faults: [...faults] } }));
      const ended = await sandbox.upgrade(QUICK);
      assert.equal(ended.error, 'PodEvictionFailure');
      assert.match(ended.cause, words);
      assert.match(ended.cause, advice);
      assert.doesNotMatch(ended.cause, /load on the API server/);
      assert.ok(kubernetesCalls(sandbox.wire.entries, /kafka-.*\/eviction$/).length > 1, 'it was asked again');
    });
  }
});
