import assert from 'node:assert/strict';
import { applyDefaults } from '../../kubernetes/api/defaults.ts';
import { templateHashOf } from '../../kubernetes/controllers/pod-template.ts';
import { createSimulatedWorld } from './simulated-world.ts';

describe('a workload of a settled world', () => {
  const kinds: readonly (readonly [
    kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job',
    resource: 'deployments' | 'statefulsets' | 'daemonsets' | 'jobs',
  ])[] = [
    ['Deployment', 'deployments'],
    ['StatefulSet', 'statefulsets'],
    ['DaemonSet', 'daemonsets'],
    ['Job', 'jobs'],
  ];
  for (const [kind, resource] of kinds)
    it(`lacks no default that a later update of a ${kind} would add, which would be a rollout`, () => {
      const { store } = createSimulatedWorld({ workloads: [{ kind, name: 'web' }] });
      const [workload] = store.list(resource);
      assert.ok(workload);
      assert.deepEqual(applyDefaults(resource, workload), workload);
    });
});

describe('a DaemonSet whose template changes', () => {
  it('replaces its pods one by one, without anything else happening', async () => {
    const { store, clock } = createSimulatedWorld({ workloads: [{ kind: 'DaemonSet', name: 'agent' }] });
    const before = store.list('pods').map(({ metadata }) => metadata.name);
    store.change('daemonsets', 'default', 'agent', (set) => ({
      ...set,
      metadata: { ...set.metadata, generation: 2 },
      spec: {
        ...set.spec,
        template: {
          ...set.spec.template,
          metadata: { ...set.spec.template.metadata, annotations: { restarted: 'yes' } },
        },
      },
    }));
    for (let second = 0; second < 300; second += 1) {
      await clock.advance(1);
      const { desiredNumberScheduled = 0, numberAvailable = 0 } =
        store.get('daemonsets', 'default', 'agent')?.status ?? {};
      assert.ok(numberAvailable >= desiredNumberScheduled - 1);
    }
    const status = store.get('daemonsets', 'default', 'agent')?.status;
    assert.equal(status?.updatedNumberScheduled, 3);
    assert.equal(status?.numberAvailable, 3);
    assert.ok(store.list('pods').every(({ metadata }) => !before.includes(metadata.name)));
  });
});

describe('the hash of a pod template', () => {
  it('says nothing of the order in which a client wrote the fields, nor of nulls', () => {
    const spec = { restartPolicy: 'Always', containers: [{ name: 'web', image: 'web:1.0' }] };
    const reordered = { containers: [{ image: 'web:1.0', name: 'web' }], nodeName: null, restartPolicy: 'Always' };
    assert.equal(
      templateHashOf({ metadata: { labels: { app: 'web' } }, spec }),
      templateHashOf({ spec: reordered, metadata: { labels: { app: 'web' } } }),
    );
  });

  it('changes with the order of containers', () => {
    const [first, second] = [{ name: 'a' }, { name: 'b' }];
    assert.notEqual(
      templateHashOf({ spec: { containers: [first, second] } }),
      templateHashOf({ spec: { containers: [second, first] } }),
    );
  });
});
