import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { bytesOf, SHARES, withinBytes } from '../../domain/bounded-lists.ts';
import { completeCluster } from '../../domain/cluster/completion.ts';
import { nodegroupFailure } from '../../domain/cluster/failure.ts';
import type { ClusterFacts, GroupFacts } from '../../domain/cluster/group-plans.ts';
import { parseClusterInput } from '../../domain/cluster/input.ts';
import { makeClusterPlan } from '../../domain/cluster/plan.ts';
import { selectNodegroups } from '../../domain/cluster/selection.ts';
import { settingsOf } from '../../domain/cluster/settings.ts';
import { nextObservation } from '../../domain/eks-update/observation.ts';
import { NodeCreationFailure } from '../../domain/errors.ts';
import { parseInput } from '../../domain/input/input.ts';
import { describeFailure } from '../../domain/nodegroup/failure.ts';
import { makePlan } from '../../domain/plan/plan.ts';
import type { Plan } from '../../domain/state.ts';
import {
  aBudget,
  aGroup,
  aGroupNode,
  aNode,
  anEksRun,
  aPod,
  aRun,
  EXECUTION_ARN,
  NEW_AMI,
  NOW_AT,
} from './builders.ts';
import {
  aBlockingPod,
  aMember,
  anActiveNode,
  anObservation,
  NOTHING_LEFT_THE_GROUP,
  podsLeft,
} from './eks-update/update-builders.ts';

const LIMIT_BYTES = 262_144;
const NODES = 10_000;

/** Names of the greatest length that Kubernetes and AWS allow. */
const long = (start: string, length: number) => `${start}-${'x'.repeat(length)}`.slice(0, length);
/** Whatever others write: quotation marks and characters of three bytes take the most room. */
const foreign = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '語', '\u202e', '\n'),
  minLength: 5000,
  maxLength: 5000,
});
const ids = (count: number) => Array.from({ length: count }, (_, index) => `i-${String(index).padStart(17, '0')}`);

const ALARMS = Array.from({ length: 100 }, (_, index) => long(`alarm-${index}`, 255));
const INPUT = { clusterName: long('c', 100), autoScalingGroupName: long('g', 255), alarms: ALARMS, nodes: ids(500) };

const image = {
  imageId: NEW_AMI,
  name: long('ami', 128),
  state: 'available',
  architecture: 'x86_64',
  isAllowed: true,
  platform: 'Linux/UNIX',
  createdAt: '2026-01-12T00:00:00.000Z',
};

/** The plan of a group in which everything is as long, and as many, as it can be. */
function longestPlan(nodes: number, note: string): Plan {
  const members = ids(nodes).map((instanceId) =>
    aGroupNode({ instanceId, node: aNode({ name: long(instanceId, 253), instanceId }) }),
  );
  const pods = members.slice(0, 300).map(({ node }, index) =>
    aPod({
      namespace: long('n', 63),
      name: long(`p-${index}`, 253),
      uid: `uid-${index}`,
      nodeName: node?.name ?? '',
      owner: { kind: 'ReplicaSet', name: long('o', 253), uid: 'o' },
    }),
  );
  return makePlan({
    input: parseInput({ ...INPUT, nodes: undefined }),
    executionArn: EXECUTION_ARN,
    startedAt: NOW_AT,
    kubernetesVersion: '1.33',
    group: aGroup({ name: INPUT.autoScalingGroupName, desiredCapacity: nodes, maxSize: nodes }),
    members,
    nodes: [],
    goneOwners: [],
    instanceTypes: Array.from({ length: 40 }, (_, index) => `m6i.${index}xlarge`),
    engine: 'workflow',
    target: aRun().target,
    launchesTarget: false,
    image,
    targetSource: long('/p', 2048),
    pods,
    budgets: [aBudget({ namespace: long('n', 63), name: long('b', 253), selector: {}, disruptionsAllowed: 0 })],
    notes: Array.from({ length: 50 }, () => note),
  });
}

const caught = (message: string) => {
  const { name, message: errorMessage } = new NodeCreationFailure(message);
  return { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage, trace: [name] }).slice(0, 32_768) };
};

describe('#23 #55 the state of a run with 10,000 nodes and the longest names and texts stays below its limit', () => {
  const sample = { numRuns: 3 };

  it('of engine workflow, in its last state', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const plan = longestPlan(NODES, text);
        const { run } = plan;
        const names = ids(NODES).map((id) => `${long('g', 26)}-${id}-1-0123abcd`);
        const error = caught(text.repeat(20));
        const failure = describeFailure({ plan, error } as never, { status: 'nothingTouched' } as never);
        const state = {
          ...INPUT,
          plan: { ...plan, run: { ...run, nodes: INPUT.nodes } },
          lock: { status: 'takenOver', adopted: names.slice(0, 100), adoptedCount: NODES },
          upgrade: {
            started: withinBytes(names, SHARES.startedNodes),
            adopted: withinBytes(names, SHARES.adoptedNodes),
            ended: names
              .slice(0, 200)
              .map((execution) => ({ execution, outcome: 'blocked', error: 'PodEvictionFailure' })),
            waitsFor: 'x'.repeat(600),
          },
          error,
          failure,
        };
        assert.ok(bytesOf(state) < LIMIT_BYTES, `${bytesOf(state)} bytes`);
      }),
      sample,
    );
  });

  it('of engine eks, in its last state', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const plan = longestPlan(450, text);
        const members = Array.from({ length: 450 }, (_, index) =>
          aMember(long(`m-${index}`, 19), {}, { name: long(`m-${index}`, 253) }),
        );
        const blocking = Array.from({ length: 450 }, (_, index) => ({
          ...aBlockingPod(`p-${index}`),
          namespace: long('n', 63),
          name: long(`p-${index}`, 253),
          nodeName: long('m', 253),
          detail: text.slice(0, 900),
          sinceAt: '2026-01-15T11:00:00.000Z',
        }));
        const before = anObservation({
          nodes: members.slice(0, 100).map(({ instanceId }) => anActiveNode(instanceId, { nodeName: long('m', 253) })),
          changes: members
            .slice(0, 300)
            .map(({ instanceId }) => anActiveNode(instanceId, { nodeName: long('m', 253) })),
        });
        const update = nextObservation({
          before,
          run: anEksRun(),
          members,
          group: aGroup(),
          departures: NOTHING_LEFT_THE_GROUP,
          active: new Map(members.slice(0, 100).map(({ instanceId }) => [instanceId, 'evictions'])),
          pods: new Map([['a', podsLeft(450, ...blocking)]]),
          observedAt: '2026-01-15T11:59:48.000Z',
          nowAt: NOW_AT,
        });
        const error = caught(text.repeat(20));
        const failure = describeFailure({ plan, error } as never, { status: 'nothingTouched' } as never);
        const state = { ...INPUT, nodes: [], plan, update, error, failure };
        assert.ok(bytesOf(state) < LIMIT_BYTES, `${bytesOf(state)} bytes`);
      }),
      sample,
    );
  });
});

describe('#65 the state of a run of 100 groups with the longest names and texts stays below its limit', () => {
  it('from the plan to the summary, and a selection that leaves no room is smaller', () => {
    fc.assert(
      fc.property(foreign, fc.constantFrom(1, 10, 40), (text, maxParallelNodegroups) => {
        const names = Array.from({ length: 100 }, (_, index) => long(`${index}`, 255));
        const plan = longestPlan(20, text);
        const groups = names.map(
          (name): GroupFacts => ({ name, kind: 'self-managed', engine: 'workflow', instances: 20, plan }),
        );
        const whole = {
          clusterName: INPUT.clusterName,
          nodegroups: names,
          maxParallelNodegroups,
          onNodegroupFailure: 'continue',
        };
        const facts: ClusterFacts = {
          request: {
            input: parseClusterInput(whole),
            settings: settingsOf({ ...whole, alarms: ALARMS.slice(0, 20) }),
            executionArn: EXECUTION_ARN,
            executionName: long('e', 80),
            startedAt: NOW_AT,
          },
          cluster: { name: INPUT.clusterName, version: '1.33', status: 'ACTIVE' },
          nodes: [],
          groups,
          members: new Set(),
        };
        const clusterPlan = makeClusterPlan(facts);
        const arn = (name: string) =>
          `arn:aws:states:ap-southeast-2:111122223333:execution:${long('machine', 80)}:${name}`;
        let selection = selectNodegroups({
          plan: clusterPlan,
          selection: { status: 'pending', number: 0, nodegroups: [], ends: [], results: [] },
        });
        let longest = 0;
        while (selection.status === 'selected') {
          assert.ok(selection.nodegroups.length >= 1);
          const results = selection.nodegroups.map(({ name, executionName }) =>
            nodegroupFailure(name, {
              Error: 'States.TaskFailed',
              Cause: JSON.stringify({
                Status: 'FAILED',
                Error: 'PodEvictionFailure',
                Cause: text,
                ExecutionArn: arn(executionName),
              }),
            }),
          );
          selection = { ...selection, results };
          longest = Math.max(longest, bytesOf({ ...whole, plan: clusterPlan, selection }));
          selection = selectNodegroups({ plan: clusterPlan, selection });
        }
        const completion = completeCluster({ plan: clusterPlan, selection });
        assert.equal(completion.nodegroups.filter(({ outcome }) => outcome === 'failed').length, 100);
        longest = Math.max(longest, bytesOf({ ...whole, plan: clusterPlan, selection, completion }));
        assert.ok(longest < LIMIT_BYTES, `${longest} bytes`);
      }),
      { numRuns: 6 },
    );
  });

  it('or the run is refused before it begins, for names that leave no room', () => {
    const groups = Array.from({ length: 100 }, (_, index): GroupFacts => {
      return {
        name: `${index}-${'語'.repeat(250)}`,
        kind: 'self-managed',
        engine: 'workflow',
        instances: 2,
        plan: longestPlan(2, ''),
      };
    });
    const whole = { clusterName: 'shop', nodegroups: 'all' };
    const request = {
      input: parseClusterInput(whole),
      settings: {},
      executionArn: EXECUTION_ARN,
      executionName: 'e',
      startedAt: NOW_AT,
    };
    const cluster = { name: 'shop', version: '1.33', status: 'ACTIVE' };
    assert.throws(() => makeClusterPlan({ request, cluster, nodes: [], groups, members: new Set() }), {
      name: 'InvalidInput',
      message: /name some of them in "nodegroups"/,
    });
  });
});
