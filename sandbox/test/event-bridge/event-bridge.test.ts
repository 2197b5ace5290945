import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { matchesPattern } from '../../event-bridge/pattern.ts';
import { rulesOfStack } from '../../event-bridge/rules-of-stack.ts';
import { createFunctionWorld } from '../lambda/function-world.ts';
import { named, task } from '../step-functions/run-machine.ts';

const WORK_ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:work-machine';
const ENDED_BADLY = {
  source: ['aws.states'],
  'detail-type': ['Step Functions Execution Status Change'],
  detail: { stateMachineArn: [WORK_ARN], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
};
const onBadEnd = { name: 'janitor-on-end', function: 'janitor', pattern: ENDED_BADLY };

interface StatusEvent {
  readonly detail: { readonly name: string; readonly status: string };
}

/** Calls of the function `janitor`: when, and about what. */
const told = ({ calls }: Pick<ReturnType<typeof createFunctionWorld>, 'calls'>) =>
  calls
    .filter(({ functionKey }) => functionKey === 'janitor')
    .map(({ payload, atSeconds }) => {
      const { detail } = payload as StatusEvent;
      return `${atSeconds} ${detail.name} ${detail.status}`;
    });

/** The event of a call, without its id. */
function eventOf(call: { payload: unknown } | undefined): object {
  assert.ok(call);
  const { id, ...event } = call.payload as { id: string };
  assert.match(id, /^[0-9a-f-]{36}$/);
  return event;
}

const failing = () => {
  throw named('Broken');
};

describe('a rule with a pattern', () => {
  it('calls its function when the status of an execution of that machine becomes one of those, and only then', async () => {
    const other = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } };
    const world = createFunctionWorld({
      definitions: [
        { name: 'work-machine', definition: { StartAt: 'W', States: { W: task('work') }, TimeoutSeconds: 30 } },
        { name: 'other-machine', definition: other },
      ],
      scenario: { rules: [onBadEnd] },
      functions: {
        work: async ({ sleepSeconds }: { sleepSeconds: number }, { sleep }) => {
          await sleep(sleepSeconds);
          if (sleepSeconds === 5) failing();
        },
      },
    });
    for (const [name, sleepSeconds] of [
      ['succeeds', 2],
      ['fails', 5],
      ['is-stopped', 20],
      ['times-out', 50],
    ] as const)
      world.start(name, { sleepSeconds });
    const otherMachine = world.sandbox.stepFunctions.machines[1];
    assert.ok(otherMachine);
    const stopped = world.sandbox.stepFunctions.start(otherMachine, { value: {}, text: '{}' }, 'other');
    await world.clock.advance(10);
    for (const { arn } of [stopped, { arn: `${WORK_ARN.replace(':stateMachine:', ':execution:')}:is-stopped` }]) {
      const execution = world.sandbox.stepFunctions.findExecution(arn);
      assert.ok(execution);
      world.sandbox.stepFunctions.stop(execution, {});
    }
    await world.clock.advance(60);
    assert.deepEqual(told(world), ['6 fails FAILED', '11 is-stopped ABORTED', '31 times-out TIMED_OUT']);
  });

  it('hands over the event as Step Functions sends it', async () => {
    const world = createFunctionWorld({ scenario: { rules: [onBadEnd] }, functions: { work: failing } });
    const execution = world.start('run', { nodes: 2 });
    await world.clock.advance(10);
    const event = eventOf(world.calls.at(-1));
    assert.deepEqual(event, {
      version: '0',
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: '111122223333',
      time: '2026-01-04T03:00:00Z',
      region: 'eu-west-1',
      resources: [execution.arn],
      detail: {
        executionArn: execution.arn,
        stateMachineArn: WORK_ARN,
        name: 'run',
        status: 'FAILED',
        startDate: execution.startedAt,
        stopDate: execution.stoppedAt,
        input: '{"nodes":2}',
        output: null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'REDRIVABLE',
        redriveStatusReason: null,
        inputDetails: { included: true },
        outputDetails: null,
        error: 'Broken',
        cause: execution.cause,
      },
    });
  });

  it('receives starts and redrives as RUNNING', async () => {
    const rule = { name: 'starts', function: 'janitor', pattern: { detail: { status: ['RUNNING'] } } };
    const world = createFunctionWorld({ scenario: { rules: [rule] }, functions: { work: failing } });
    const execution = world.start();
    await world.clock.advance(10);
    world.sandbox.stepFunctions.redrive(execution);
    await world.clock.advance(10);
    assert.deepEqual(told(world), ['1 run RUNNING', '11 run RUNNING']);
  });

  it('calls its function twice more when it fails, after a minute and after two', async () => {
    const world = createFunctionWorld({
      scenario: { rules: [onBadEnd] },
      functions: { work: failing, janitor: failing },
    });
    world.start();
    await world.clock.advance(3600);
    assert.deepEqual(told(world), ['1 run FAILED', '61 run FAILED', '181 run FAILED']);
  });

  it('never hears of what happens while events are lost (loseEvents)', async () => {
    const world = createFunctionWorld({
      scenario: { rules: [onBadEnd], faults: [{ kind: 'loseEvents', untilSeconds: 10 }] },
      functions: { work: failing },
    });
    world.start('early');
    await world.clock.advance(10);
    world.start('late');
    await world.clock.advance(10);
    assert.deepEqual(told(world), ['11 late FAILED']);
  });
});

describe('a rule with a rate', () => {
  it('calls its function at that rate, with a scheduled event', async () => {
    const rule = { name: 'janitor-every-5-minutes', function: 'janitor', rate: 'rate(5 minutes)' };
    const { calls, clock } = createFunctionWorld({ scenario: { rules: [rule] } });
    await clock.advance(900);
    assert.deepEqual(
      calls.map(({ functionKey, atSeconds }) => [functionKey, atSeconds]),
      [
        ['janitor', 300],
        ['janitor', 600],
        ['janitor', 900],
      ],
    );
    const event = eventOf(calls[0]);
    assert.deepEqual(event, {
      version: '0',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '111122223333',
      time: '2026-01-04T03:05:00Z',
      region: 'eu-west-1',
      resources: ['arn:aws:events:eu-west-1:111122223333:rule/janitor-every-5-minutes'],
      detail: {},
    });
  });
});

describe('a rule for an unknown function', () => {
  it('is refused with the functions that there are', () => {
    const functionKeys = new Set(['plan', 'work']);
    assert.throws(
      () => createFunctionWorld({ functionKeys, scenario: { rules: [onBadEnd] } }),
      /rule janitor-on-end: there is no function janitor, only plan, work/,
    );
  });
});

describe('the pattern of a rule', () => {
  const event = { source: 'aws.states', resources: ['a', 'b'], detail: { status: 'FAILED', error: null, count: 2 } };
  const cases: [boolean, string, Parameters<typeof matchesPattern>[0]][] = [
    [true, 'one of the values of a field', { source: ['aws.ec2', 'aws.states'] }],
    [false, 'another value', { source: ['aws.ec2'] }],
    [false, 'the beginning of a value', { source: ['aws'] }],
    [true, 'fields within fields', { detail: { status: ['FAILED'], count: [2] } }],
    [false, 'one field of two', { detail: { status: ['FAILED'], count: [3] } }],
    [true, 'one item of a list', { resources: ['b'] }],
    [true, 'null', { detail: { error: [null] } }],
    [false, 'a field that is not there', { detail: { cause: ['x'] } }],
    [false, 'fields within a text', { source: { name: ['aws.states'] } }],
  ];
  for (const [expected, title, pattern] of cases)
    it(`${expected ? 'takes' : 'does not take'} ${title}`, () => {
      assert.equal(matchesPattern(pattern, event), expected);
    });
});

describe('the rules of a stack', () => {
  const machines = [{ name: 'work-machine', logicalId: 'Work', definition: {} }];
  const place = { region: 'eu-west-1', accountId: '111122223333' };
  const rulesOf = (...events: object[]) => rulesOfStack({ janitor: { events } as never, plan: {} }, machines, place);

  it('are those events of its functions, with the ARNs of its state machines', () => {
    const pattern = { ...ENDED_BADLY, detail: { ...ENDED_BADLY.detail, stateMachineArn: [{ Ref: 'Work' }] } };
    assert.deepEqual(
      rulesOf(
        { eventBridge: { pattern } },
        { eventBridge: { schedule: 'rate(5 minutes)' } },
        { eventBridge: { schedule: 'rate(1 hour)', enabled: false } },
        { http: 'GET /' },
      ),
      [
        { name: 'janitor-rule-1', function: 'janitor', pattern: ENDED_BADLY },
        { name: 'janitor-rule-2', function: 'janitor', rate: 'rate(5 minutes)' },
      ],
    );
  });

  it('call functions of a sandbox that is created with them', async () => {
    const rules = rulesOf({ eventBridge: { schedule: 'rate(1 minute)' } });
    const { calls, clock } = createFunctionWorld({ rules });
    await clock.advance(61);
    assert.deepEqual(
      calls.map(({ functionKey }) => functionKey),
      ['janitor'],
    );
  });

  it('are refused with the name of the function when the sandbox cannot simulate them', () => {
    assert.throws(
      () => rulesOf({ eventBridge: { schedule: 'cron(0 3 * * ? *)' } }),
      /function janitor: expected a rate/,
    );
  });
});
