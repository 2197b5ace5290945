import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireEntry } from 'eks-sandbox';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import { before, describe, it } from 'mocha';
import { parse } from 'yaml';
import { nodeExecutions } from './histories.ts';
import { createWorld, type Ended, INPUT, type UpgradeWorld, world } from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

/*
 * The figures of design §10 that are a matter of design, counted on the wire. docs/decisions/0008-requests-per-node.md
 * says why the bulk writes and the list of a node's pods for the budgets come on top.
 */

/** A node's own execution, besides one eviction a pod; 1 more for each 40 s it waits. */
const MOST_KUBERNETES_REQUESTS_OF_A_NODE = 10;
const MOST_AWS_REQUESTS_OF_A_NODE = 2;
/** The conductor's share: this, and 6 divided by the nodes that end in a minute. */
const MOST_KUBERNETES_REQUESTS_OF_THE_CONDUCTOR = 3;
const MOST_AWS_REQUESTS_OF_THE_CONDUCTOR = 1.3;
const REQUESTS_A_MINUTE = 6;
/** The cordon wait, and a few seconds for the pods. */
const WAITED_SECONDS = 65;
/** What one node's pods ask of the budgets is listed once. */
const LISTS_FOR_BUDGETS = 1;
/** Taint, keep the autoscaler off, and take that back: once for each node or its replacement. */
const BULK_WRITES_OF_A_NODE = 3;
const EVENTS_OF_A_NODE = 2;
const MOST_TRANSITIONS_OF_A_NODE = 12;
const MOST_EVENTS_OF_A_CHILD = 60;
const MOST_EVENTS_OF_A_BLOCKED_CHILD = 400;
const MOST_STATE_BYTES = 32_768;

const DEMO = parse(
  readFileSync(join(import.meta.dirname, '../../sandbox/scenarios/demo.yaml'), 'utf8'),
) as ScenarioInput;

const isEviction = ({ action }: WireEntry) => action.endsWith('/eviction');
const isEvent = ({ action }: WireEntry) => /^POST .*\/events$/.test(action);
const BULK = /tainted-by|protected-by/;
const isBulk = ({ action, request }: WireEntry) => action.startsWith('PATCH /api/v1/nodes/') && BULK.test(request.body);

function countRequests(sandbox: UpgradeWorld) {
  const kubernetes = sandbox.wire.entries.filter(({ plane }) => plane === 'kubernetes');
  const own = kubernetes.filter((entry) => !isEviction(entry) && !isBulk(entry));
  return {
    own: own.length,
    bulk: kubernetes.filter(isBulk).length,
    events: kubernetes.filter(isEvent).length,
    aws: sandbox.wire.entries.filter(({ plane }) => plane === 'aws').length,
  };
}

const childrenOf = ({ stepFunctions }: UpgradeWorld, parent: Execution): Execution[] =>
  nodeExecutions(stepFunctions, parent);

const transitionsOf = ({ history }: Execution): number =>
  history.all().filter(({ type }) => type.endsWith('StateEntered')).length;

/** A world of n nodes whose pods stop at once: nothing blocks a drain. */
const undisturbed = (nodes: number) =>
  world({
    group: { minSize: 3, desiredCapacity: nodes, maxSize: nodes },
    workloads: [{ kind: 'Deployment', name: 'web', namespace: 'shop', replicas: 3 * nodes, spread: 'host' }],
  });

async function run(scenario: ScenarioInput, input: object): Promise<{ sandbox: UpgradeWorld; ended: Ended }> {
  const sandbox = await createWorld(scenario);
  const ended = await sandbox.upgrade(input);
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  return { sandbox, ended };
}

describe('a node of a group of any size takes', () => {
  const SMALL = 12;
  const LARGE = 42;
  const slope = { own: 0, bulk: 0, events: 0, aws: 0 };
  /** What the conductor asks in the time in which one node ends. */
  let perNode = 0;

  before(async () => {
    const input = { ...INPUT, updateConfig: { maxUnavailable: 3 } };
    const small = countRequests((await run(undisturbed(SMALL), input)).sandbox);
    const { sandbox, ended } = await run(undisturbed(LARGE), input);
    const large = countRequests(sandbox);
    const minutes = ((ended.execution.stoppedAt as number) - ended.execution.startedAt) / 60_000;
    perNode = REQUESTS_A_MINUTE * (minutes / LARGE);
    for (const key of Object.keys(slope) as (keyof typeof slope)[]) {
      slope[key] = (large[key] - small[key]) / (LARGE - SMALL);
    }
  });

  it('no more Kubernetes requests than its execution and its share of the conductor may send, besides one eviction a pod', () => {
    const own = MOST_KUBERNETES_REQUESTS_OF_A_NODE + WAITED_SECONDS / 40;
    const most = own + MOST_KUBERNETES_REQUESTS_OF_THE_CONDUCTOR + perNode + LISTS_FOR_BUDGETS;
    assert.ok(slope.own <= most, `${slope.own} of ${most}`);
  });
  it('no more AWS requests than these two', () => {
    const most = MOST_AWS_REQUESTS_OF_A_NODE + MOST_AWS_REQUESTS_OF_THE_CONDUCTOR + perNode;
    assert.ok(slope.aws <= most, `${slope.aws} of ${most}`);
  });
  it(`at most ${BULK_WRITES_OF_A_NODE} bulk writes`, () =>
    assert.ok(slope.bulk <= BULK_WRITES_OF_A_NODE, `${slope.bulk}`));
  it(`${EVENTS_OF_A_NODE} Events on its Node`, () => assert.equal(slope.events, EVENTS_OF_A_NODE));
});

const DEMO_INPUT = { ...INPUT, updateConfig: { maxUnavailable: 3 } };
/** All events of an upgrade and of the nodes in it. */
const textOfHistories = (sandbox: UpgradeWorld, { execution }: Ended): string =>
  JSON.stringify([execution, ...childrenOf(sandbox, execution)].map(({ arn, history }) => [arn, history.all()]));

describe("the demo's world", () => {
  let sandbox: UpgradeWorld;
  let ended: Ended;
  let children: Execution[];
  const NODES = 30;

  before(async () => {
    ({ sandbox, ended } = await run(DEMO, DEMO_INPUT));
    children = childrenOf(sandbox, ended.execution);
  });

  it('upgrades each node in a child execution of its own', () => assert.equal(children.length, NODES));

  it(`takes at most ${MOST_TRANSITIONS_OF_A_NODE} state transitions a node, the parent's included`, () => {
    const all = [ended.execution, ...children].reduce((sum, execution) => sum + transitionsOf(execution), 0);
    assert.ok(all / NODES <= MOST_TRANSITIONS_OF_A_NODE, `${all / NODES}`);
  });

  it(`writes at most ${MOST_EVENTS_OF_A_CHILD} events into the history of a node`, () => {
    const most = Math.max(...children.map(({ history }) => history.length));
    assert.ok(most <= MOST_EVENTS_OF_A_CHILD, `${most}`);
  });

  it('keeps every state far below 256 KiB', () => {
    const payloads = [ended.execution, ...children].flatMap(({ history }) =>
      history.all().map((event) => JSON.stringify(event).length),
    );
    assert.ok(Math.max(...payloads) <= MOST_STATE_BYTES, `${Math.max(...payloads)}`);
  });

  it('moves each pod once: no new node is drained again', () => {
    const evicted = sandbox.wire.entries.filter((entry) => isEviction(entry) && entry.status === 201);
    const names = evicted.map(({ action }) => action);
    const twice = names.filter((name, index) => names.indexOf(name) !== index && !/ledger/.test(name));
    assert.deepEqual(twice, []);
  });

  it('ends within 1.05 times the lower bound of ten rounds', () => {
    const seconds = ((ended.execution.stoppedAt as number) - ended.execution.startedAt) / 1000;
    // Boot of the simulated nodes, and 85 s for the slowest pod's termination.
    const bound = 60 + Math.ceil(NODES / 3) * (85 + 60);
    assert.ok(seconds <= 1.05 * bound, `${seconds} s of ${bound} s`);
  });

  it('gives a byte-identical history from the same seed, parent and children', async () => {
    const again = await run(DEMO, DEMO_INPUT);
    const [first, second] = [textOfHistories(sandbox, ended), textOfHistories(again.sandbox, again.ended)];
    assert.equal(first.length, second.length);
    assert.ok(first === second, 'the histories differ');
  });
});

describe('a node that is blocked for 15 minutes', () => {
  it(`writes at most ${MOST_EVENTS_OF_A_BLOCKED_CHILD} events into its history`, async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
    assert.equal(ended.error, 'PodEvictionFailure');
    const most = Math.max(...childrenOf(sandbox, ended.execution).map(({ history }) => history.length));
    assert.ok(most <= MOST_EVENTS_OF_A_BLOCKED_CHILD, `${most}`);
  });
});
