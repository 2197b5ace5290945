import assert from 'node:assert/strict';
import {
  assessNewNodes,
  describeLateNodes,
  type NewNodes,
  permanentFailure,
} from '../../../domain/nodegroup/new-nodes.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import type { LaunchFailure } from '../../../domain/types.ts';
import { aGroupNode, anUnregisteredMember, ZONES } from '../builders.ts';

const [A, B, C] = ZONES;
const old = (instanceId: string, zone: string) => aGroupNode({ instanceId, zone });
const fresh = (instanceId: string, zone: string, isReady = true) =>
  aGroupNode({ instanceId, zone, isReady, isOutdated: false });
const threeOld = [old('i-1', A), old('i-2', B), old('i-3', C)];

describe('assessNewNodes', () => {
  const cases: [string, readonly GroupNode[], number, boolean, Partial<NewNodes>][] = [
    [
      'is content when every new node is Ready and every zone has one',
      [...threeOld, fresh('i-4', A), fresh('i-5', B), fresh('i-6', C)],
      6,
      true,
      { status: 'ready', readyNodes: 6, newReadyNodes: 3, expectedNewNodes: 3, uncoveredZones: [], late: [] },
    ],
    [
      'waits for an instance that Auto Scaling has not launched yet',
      [...threeOld, fresh('i-4', A), fresh('i-5', B)],
      6,
      true,
      { status: 'waiting', newReadyNodes: 2, expectedNewNodes: 3, late: [] },
    ],
    [
      'waits for a node that is not Ready, and names it',
      [...threeOld, fresh('i-4', A), fresh('i-5', B), fresh('i-6', C, false)],
      6,
      true,
      { status: 'waiting', uncoveredZones: [C], late: ['i-6'] },
    ],
    [
      'waits for an instance that has not registered, and names it',
      [...threeOld, fresh('i-4', A), anUnregisteredMember({ instanceId: 'i-5', isOutdated: false })],
      5,
      true,
      { status: 'waiting', late: ['i-5'], readyNodes: 4 },
    ],
    [
      'waits for a node that is not Ready though enough others are',
      [...threeOld, fresh('i-4', A), fresh('i-5', B), fresh('i-6', C), fresh('i-7', A, false)],
      6,
      true,
      { status: 'waiting', newReadyNodes: 3, expectedNewNodes: 3, late: ['i-7'] },
    ],
    [
      'waits until a zone with outdated nodes has a new one, since volumes cannot leave their zone',
      [...threeOld, fresh('i-4', A), fresh('i-5', A), fresh('i-6', B)],
      6,
      true,
      { status: 'waiting', newReadyNodes: 3, uncoveredZones: [C] },
    ],
    [
      'does not ask for new nodes in zones that hold no outdated one',
      [old('i-1', A), fresh('i-4', A)],
      2,
      true,
      { status: 'ready', uncoveredZones: [] },
    ],
    [
      'does not wait for zones that the surge may not reach',
      [...threeOld, fresh('i-4', A), fresh('i-5', A)],
      5,
      false,
      { status: 'ready', uncoveredZones: [] },
    ],
    [
      'counts nodes that an earlier run has renewed',
      [old('i-1', A), fresh('i-2', B), fresh('i-3', C), fresh('i-4', A)],
      4,
      true,
      { status: 'ready', newReadyNodes: 3, expectedNewNodes: 3 },
    ],
    [
      'waits for nothing when nothing is outdated any more',
      [fresh('i-1', A, false)],
      1,
      true,
      { status: 'ready', late: ['i-1'] },
    ],
    [
      'expects no negative number of nodes from a group scaled down meanwhile',
      threeOld,
      2,
      true,
      { expectedNewNodes: 0 },
    ],
  ];
  for (const [title, members, desiredCapacity, coversZones, expected] of cases) {
    it(title, () => {
      const found = assessNewNodes(members, desiredCapacity, { coversZones });
      assert.deepEqual({ ...found, ...expected }, found);
    });
  }
});

describe('assessNewNodes of a run over some nodes only', () => {
  it('asks for no new node in a zone whose outdated nodes are none of its own', () => {
    const members = [...threeOld, fresh('i-4', A)];
    const { status, uncoveredZones } = assessNewNodes(members, 4, { coversZones: true, nodes: ['i-1'] });
    assert.deepEqual([status, uncoveredZones], ['ready', []]);
  });
});

describe('permanentFailure', () => {
  const cases: [string, string, boolean][] = [
    ['stops waiting for an AMI that does not exist', "The image id '[ami-0123]' does not exist", true],
    [
      'stops waiting when the AMI is of another architecture',
      "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI.",
      true,
    ],
    ['stops waiting for a disk that cannot be decrypted', 'Client.InternalError: Client error on launch.', true],
    ['stops waiting without the right to launch', 'You are not authorized to use launch template: lt-0123', true],
    ['#38 stops waiting without a right', 'You are not authorized to perform this operation.', true],
    [
      '#38 stops waiting without the service-linked role',
      'The service-linked role AWSServiceRoleForAutoScaling could not be assumed.',
      true,
    ],
    ['#38 waits on when it is throttled', 'Failed to use launch template lt-0123: RequestLimitExceeded', false],
    ['stops waiting for an instance profile that is gone', 'Invalid IAM Instance Profile name', true],
    [
      'waits on when a zone is short of capacity, which passes',
      'We currently do not have sufficient m6i.large capacity in the Availability Zone you requested (eu-west-1a).',
      false,
    ],
    [
      'waits on for capacity even when the sentence has other alarming words in it',
      'We currently do not have sufficient capacity; m6i.large is not supported in eu-west-1d.',
      false,
    ],
    [
      'waits on when a quota is exhausted, which autoscaling elsewhere frees',
      'You have requested more vCPU than your limit allows',
      false,
    ],
  ];
  for (const [title, message, isPermanent] of cases) {
    it(title, () => {
      const failure = { startedAt: '2026-01-15T12:00:00Z', message };
      assert.equal(permanentFailure([failure]), isPermanent ? failure : undefined);
    });
  }

  it('finds the permanent failure among passing ones', () => {
    const failures = ['Insufficient capacity.', 'Invalid IAM Instance Profile name'].map((message) => ({
      startedAt: '2026-01-15T12:00:00Z',
      message,
    }));
    assert.equal(permanentFailure(failures), failures[1]);
  });
});

describe('describeLateNodes', () => {
  const found: NewNodes = {
    status: 'waiting',
    readyNodes: 4,
    newReadyNodes: 1,
    expectedNewNodes: 3,
    uncoveredZones: [B, C],
    late: ['i-5'],
  };
  const failure: LaunchFailure = { startedAt: '2026-01-15T12:00:00Z', zone: B, message: 'Insufficient capacity.' };
  const { zone: _, ...zoneless } = failure;
  const cases: [string, Partial<NewNodes>, LaunchFailure[], string][] = [
    [
      "quotes the service's own words about the last failed launch",
      {},
      [failure, { ...failure, message: 'an older one' }],
      `1 of 3 new nodes are Ready after 900 s; no new node in ${B}, ${C}; not Ready or not registered: i-5; last failed launch (${B}): Insufficient capacity.`,
    ],
    [
      'leaves the zone out when the service names none',
      { uncoveredZones: [], late: [] },
      [zoneless],
      '1 of 3 new nodes are Ready after 900 s; last failed launch: Insufficient capacity.',
    ],
    [
      'points to the kubelet when no launch failed',
      { uncoveredZones: [] },
      [],
      '1 of 3 new nodes are Ready after 900 s; not Ready or not registered: i-5; the Auto Scaling group reports no failed launch, so check the kubelet of these instances',
    ],
    [
      'names ten instances at most',
      { uncoveredZones: [], late: Array.from({ length: 11 }, (_, index) => `i-${index}`) },
      [zoneless],
      '1 of 3 new nodes are Ready after 900 s; not Ready or not registered: i-0, i-1, i-2, i-3, i-4, i-5, i-6, i-7, i-8, i-9; last failed launch: Insufficient capacity.',
    ],
  ];
  for (const [title, overrides, failures, sentence] of cases) {
    it(title, () => assert.equal(describeLateNodes({ ...found, ...overrides }, failures, 900.4), sentence));
  }

  it('names the labels without which a node of a managed group does not count', () =>
    assert.match(
      describeLateNodes({ ...found, late: ['i-0a'] }, [], 900, { team: 'shop' }),
      /not Ready or not registered, or without the labels of the node group \(team=shop\): i-0a/,
    ));
});
