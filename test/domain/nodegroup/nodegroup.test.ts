import assert from 'node:assert/strict';
import {
  countByZone,
  isLeaving,
  isNodeReady,
  isOutdated,
  joinGroup,
  joinMembers,
  lastProgress,
} from '../../../domain/nodegroup/nodegroup.ts';
import type { Node } from '../../../domain/types.ts';
import { aGroup, aGroupInstance, aGroupNode, aNode, anInstance, aRun, NEW_AMI, OLD_AMI } from '../builders.ts';

const ID = 'i-0000000000000001a';

describe('a member of the group is capacity', () => {
  const cases: [title: string, node: Node, expected: boolean][] = [
    ['when its Node is Ready', aNode(), true],
    ['when it is Ready and closed to new pods', aNode({ taints: [{ key: 'x', effect: 'NoSchedule' }] }), true],
    ['when it is Ready and cordoned', aNode({ isUnschedulable: true }), true],
    ['not when its Node is not Ready', aNode({ isReady: false }), false],
    ...[
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/network-unavailable',
      'node.cloudprovider.kubernetes.io/uninitialized',
    ].map((key): [string, Node, boolean] => [
      `not while the start-up taint ${key} is on it`,
      aNode({ taints: [{ key, effect: 'NoSchedule' }] }),
      false,
    ]),
  ];
  for (const [title, node, expected] of cases) {
    it(title, () => assert.equal(isNodeReady(node), expected));
  }
});

describe('a member of the group', () => {
  const states: [lifecycleState: string, leaving: boolean][] = [
    ['Pending', false],
    ['Pending:Wait', false],
    ['Pending:Proceed', false],
    ['Quarantined', false],
    ['InService', false],
    ['Terminating', true],
    ['Terminating:Wait', true],
    ['Terminating:Proceed', true],
    ['Terminated', true],
    ['Detaching', true],
    ['Detached', true],
    ['EnteringStandby', true],
    ['Standby', true],
    ['Warmed:Pending', true],
    ['Warmed:Pending:Wait', true],
    ['Warmed:Stopped', true],
    ['Warmed:Running', true],
    ['Warmed:Hibernated', true],
    ['Warmed:Terminating', true],
  ];
  for (const [state, leaving] of states) {
    it(`${leaving ? 'no longer counts' : 'counts'} in the state ${state}`, () => {
      assert.equal(isLeaving(state), leaving);
      const group = aGroup({ instances: [aGroupInstance({ lifecycleState: state })] });
      const members = joinGroup({ group, instances: [], nodes: [], target: aRun().target });
      assert.equal(members.length, leaving ? 0 : 1);
      const all = joinMembers({ group, instances: [], nodes: [], target: aRun().target });
      assert.deepEqual(
        all.map(({ lifecycleState }) => lifecycleState),
        [state],
        'the accounts see it either way',
      );
    });
  }

  type Outdated = [
    title: string,
    version: number | undefined,
    imageId: string | undefined,
    target: Parameters<typeof isOutdated>[2],
    expected: boolean,
  ];
  const { launchTemplateId } = aGroupInstance();
  assert.ok(launchTemplateId !== undefined);
  const byAmi = { amiId: NEW_AMI, launchTemplateId, launchTemplateVersion: '4', comparesVersion: false };
  const byVersion = { ...byAmi, comparesVersion: true };
  const outdated: Outdated[] = [
    ['is outdated with another AMI', 3, OLD_AMI, byAmi, true],
    ['is up to date with the AMI, whatever version it came from', 2, NEW_AMI, byAmi, false],
    ['is outdated with another AMI, though its version is the target', 4, OLD_AMI, byAmi, true],
    ['is judged by its version while EC2 does not list it: older', 3, undefined, byAmi, true],
    ['is judged by its version while EC2 does not list it: the target', 4, undefined, byAmi, false],
    ['is outdated with another version, when the target is a version', 3, NEW_AMI, byVersion, true],
    ['is up to date with the version, when the target is a version', 4, OLD_AMI, byVersion, false],
    [
      'is outdated with the same version of another template, when the target is a version',
      4,
      NEW_AMI,
      { ...byVersion, launchTemplateId: 'lt-another' },
      true,
    ],
    ['is outdated without a version, when the target is a version', undefined, NEW_AMI, byVersion, true],
  ];
  for (const [title, version, imageId, target, expected] of outdated) {
    const { launchTemplateVersion: _, ...plain } = aGroupInstance();
    const instance = version === undefined ? plain : aGroupInstance({ launchTemplateVersion: version });
    it(title, () => assert.equal(isOutdated(instance, imageId, target), expected));
  }

  const { target } = aRun();
  const join = (more: Partial<Parameters<typeof joinGroup>[0]> = {}) =>
    joinGroup({
      group: aGroup({ instances: [aGroupInstance()] }),
      instances: [anInstance()],
      nodes: [aNode()],
      target,
      ...more,
    })[0];

  it('is joined from what Auto Scaling, EC2 and Kubernetes say of it', () => {
    assert.deepEqual(join(), aGroupNode({ node: aNode() }));
  });

  it('is not Ready before its kubelet has registered', () => {
    const { node: _, ...unregistered } = aGroupNode({ isReady: false });
    assert.deepEqual(join({ nodes: [aNode({ instanceId: 'i-of-another-group' })] }), unregistered);
  });

  it('is not mixed up with a Node whose instance is not known yet', () => {
    const { instanceId: _, ...young } = aNode();
    assert.equal(join({ nodes: [young] })?.node, undefined);
  });

  it('is not Ready before the group calls it in service', () => {
    const group = aGroup({ instances: [aGroupInstance({ lifecycleState: 'Pending:Wait' })] });
    assert.equal(join({ group })?.isReady, false);
  });

  it('is compared with the template version that was created meanwhile', () => {
    const group = aGroup({ instances: [aGroupInstance({ launchTemplateVersion: 4 })] });
    assert.equal(join({ group, instances: [], launchTemplateVersion: '4' })?.isOutdated, false);
    assert.equal(join({ group, instances: [], launchTemplateVersion: '5' })?.isOutdated, true);
  });

  it('is compared with the version that the target names, when none was created', () => {
    const named = { ...target, launchTemplateVersion: '3', comparesVersion: true };
    assert.equal(join({ target: named })?.isOutdated, false);
  });

  it('keeps its protection from scale-in in sight', () => {
    const group = aGroup({ instances: [aGroupInstance({ isProtectedFromScaleIn: true })] });
    assert.equal(join({ group })?.isProtectedFromScaleIn, true);
  });
});

describe('the group', () => {
  it('counts its members by zone', () => {
    const counts = countByZone([{ zone: 'a' }, { zone: 'b' }, { zone: 'a' }]);
    assert.deepEqual(
      [...counts],
      [
        ['a', 2],
        ['b', 1],
      ],
    );
  });

  const SINCE = '2026-01-15T11:30:00.000Z';
  const at = (readyChangedAt: string, isReady = true) =>
    aGroupNode({ instanceId: ID, isReady, node: aNode({ readyChangedAt, isReady }) });
  const cases: [title: string, members: Parameters<typeof lastProgress>[0], expected: string][] = [
    ['without members has not moved since the wait began', [], SINCE],
    ['moved when a node turned Ready', [at('2026-01-15T11:40:00Z')], '2026-01-15T11:40:00Z'],
    [
      'moved last when the latest of its nodes turned Ready',
      [at('2026-01-15T11:50:00Z'), at('2026-01-15T11:45:00Z')],
      '2026-01-15T11:50:00Z',
    ],
    ['did not move before the wait began', [at('2026-01-15T11:00:00Z')], SINCE],
    ['did not move forward when a node ceased to be Ready', [at('2026-01-15T11:40:00Z', false)], SINCE],
  ];
  for (const [title, members, expected] of cases) {
    it(title, () => assert.equal(lastProgress(members, SINCE), Date.parse(expected)));
  }
});

describe('a member of a managed group', () => {
  const IMAGE = 'eks.amazonaws.com/nodegroup-image';
  const join = (labels: Record<string, string> | undefined, facts: { eks?: boolean; imageId?: string }) => {
    const { eks = false, imageId = OLD_AMI } = facts;
    return joinGroup({
      group: aGroup({ instances: [aGroupInstance()] }),
      instances: [anInstance({ imageId })],
      nodes: labels === undefined ? [] : [aNode({ labels })],
      target: { ...aRun().target, ...(eks && { renewedLabels: { [IMAGE]: NEW_AMI } }) },
      requiredLabels: eks ? undefined : { team: 'shop' },
    })[0];
  };

  it('is outdated for EKS by its labels, whatever its AMI', () => {
    assert.equal(join({ [IMAGE]: OLD_AMI }, { eks: true, imageId: NEW_AMI })?.isOutdated, true);
    assert.equal(join({ [IMAGE]: NEW_AMI }, { eks: true, imageId: OLD_AMI })?.isOutdated, false);
  });

  it('is judged by its AMI as long as it has no Node', () => {
    assert.equal(join(undefined, { eks: true, imageId: OLD_AMI })?.isOutdated, true);
    assert.equal(join(undefined, { eks: true, imageId: NEW_AMI })?.isOutdated, false);
  });

  it('is Ready as a new node only with the labels of its group, as an old one without', () => {
    assert.equal(join({}, { imageId: NEW_AMI })?.isReady, false);
    assert.equal(join({ team: 'shop' }, { imageId: NEW_AMI })?.isReady, true);
    assert.equal(join({}, { imageId: OLD_AMI })?.isReady, true);
  });
});
