import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INPUT_OPTIONS } from '../../cli/commands/input-options.ts';
import type { UpgradeHistory } from '../../report/read/history.ts';
import { syntheticRun } from '../report/synthetic-run.ts';
import { syntheticUpdate } from '../report/synthetic-update.ts';
import { createFakeExecutions } from './fake-executions.ts';
import { run } from './run.ts';

const SMALL = { nodes: 4, parallelism: 2 };
const succeeded = syntheticRun(SMALL);
const failed = syntheticRun({ ...SMALL, blockedNodes: [1] });
const dryRun = syntheticRun({ ...SMALL, isDryRun: true });
const GROUP = ['--cluster', 'shop', '--auto-scaling-group', 'workers'];

describe('command line: arguments', () => {
  const refused: [string, string[], RegExp][] = [
    ['names the nearest command', ['strat'], /unknown command 'strat': did you mean start\?/],
    ['names the nearest option', ['start', '--clustr', 'x'], /unknown option '--clustr': did you mean --cluster\?/],
    ['says that an option needs a value', ['start', '--cluster'], /option '--cluster <NAME>' argument missing/],
    [
      'does not read an option as a value',
      ['start', '--cluster', '--force'],
      /option '--cluster <NAME>' argument missing/,
    ],
    ['says that a flag takes no value', ['start', '--force=yes'], /--force takes no value/],
    ['refuses an option given twice', ['start', '--surge', '1', '--surge', '2'], /--surge is given twice/],
    ['says the new name of an option', ['sandbox', '--env-file', 'x'], /--env-file is called --write-env now/],
    ['refuses a second argument', ['watch', 'a', 'b'], /: watch takes one argument, and 'b' is a second one$/],
    ['offers --cluster', ['plan', 'shop'], /: plan takes no argument 'shop': did you mean --cluster shop\?$/],
    ['refuses an argument', ['list', 'shop'], /: list takes no argument 'shop'$/],
    ['names the nearest command for help', ['help', 'pln'], /: unknown command 'pln': did you mean plan\?$/],
    ['says that there is no such command for help', ['help', 'kubectl'], /: unknown command 'kubectl'$/],
    [
      'refuses a port that is no whole number',
      ['sandbox', '--aws-port', '1.5'],
      /: --aws-port must be a whole number from 1 to 65535, not "1\.5"$/,
    ],
    [
      'refuses a speed of zero',
      ['sandbox', '--speed', '0'],
      /: --speed must be a number above 0 and at most 10000, not "0"$/,
    ],
    [
      '#75 refuses a speed at which steps would not outlive a watch of a real cluster',
      ['sandbox', '--kubeconfig', '/nowhere/config', '--speed', '4'],
      /: --speed must be at most 3 with --kubeconfig, not "4": your cluster stays at real time/,
    ],
    ['names the shells', ['completion', 'tcsh'], /: SHELL must be bash, zsh or fish, not "tcsh"$/],
    ['says that the shell is missing', ['completion'], /missing required argument 'SHELL'$/],
    [
      'refuses a scenario file that does not exist',
      ['sandbox', '--scenario', 'nofile'],
      /: the scenario file nofile cannot be read: ENOENT/,
    ],
    [
      'refuses a scenario file that is not YAML',
      ['sandbox', '--scenario', 'README.md'],
      /: README\.md is not YAML: [^:]+$/,
    ],
    ['refuses an unknown report format', ['report', '--format', 'markdwn'], /did you mean markdown\?/],
    ['refuses a name that Step Functions rejects', ['start', ...GROUP, '--name', 'a b'], /--name must be/],
    ['refuses an input file that does not exist', ['start', '--input', '/nowhere/input.json'], /cannot be read/],
    [
      'asks for a group',
      ['start', '--cluster', 'shop'],
      /^InvalidInput: .*autoScalingGroupName.* \(give --auto-scaling-group, --nodegroup or --nodegroups\)$/,
    ],
    [
      'asks for a cluster and a group',
      ['plan'],
      /^InvalidInput: .* \(give --cluster and --auto-scaling-group, --nodegroup or --nodegroups\)$/,
    ],
    ['asks for a cluster', ['plan', '--nodegroup', 'a'], /^InvalidInput: .* \(give --cluster\)$/],
    ['refuses a percentage over 100', ['start', ...GROUP, '--max-unavailable', '120%'], /maxUnavailablePercentage/],
    ['refuses words where a number belongs', ['start', ...GROUP, '--surge', 'many'], /updateConfig\.surge/],
    ['refuses half a canary', ['plan', ...GROUP, '--canary-nodes', '2'], /canary\.bakeSeconds/],
  ];
  for (const [title, argv, expected] of refused) {
    it(`${title}, with exit code 2 and nothing started`, async () => {
      const executions = createFakeExecutions({ observations: [succeeded] });
      const { exitCode, stderr } = await run(argv, { executions });
      assert.match(stderr.trim(), expected);
      assert.equal(exitCode, 2);
      assert.equal(stderr.trim().split('\n').length, 1, 'one sentence');
      assert.deepEqual(executions.started, []);
    });
  }

  for (const name of [
    'outdated',
    'plan',
    'start',
    'watch',
    'wait',
    'status',
    'list',
    'pause',
    'resume',
    'cancel',
    'cleanup',
    'report',
    'sandbox',
    'completion',
  ]) {
    it(`documents ${name} with examples and exit codes`, async () => {
      const { exitCode, stdout } = await run([name, '--help']);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`Usage: eks-nodegroup-upgrade ${name}`));
      assert.match(stdout, /Examples:\n {2}npx --no eks-nodegroup-upgrade/);
      assert.match(stdout, /Exit codes:/);
    });
  }

  it('prints the commands without a command, as a mistake', async () => {
    const { exitCode, stderr } = await run([]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /sandbox/);
  });

  it('prints the same help of a command in both ways to ask for it', async () => {
    const [option, command] = [await run(['plan', '--help']), await run(['help', 'plan'])];
    assert.equal(option.exitCode, 0);
    assert.deepEqual(option, command);
    for (const { description } of Object.values(INPUT_OPTIONS)) {
      assert.ok(option.stdout.replace(/\s+/g, ' ').includes(description), `help lacks: ${description}`);
    }
  });

  it('breaks the lines of help at the width of the terminal', async () => {
    let output = '';
    const stdout = { isTTY: true, columns: 80, rows: 24, write: (text: string) => (output += text) };
    await run(['sandbox', '--help'], { stdout });
    const [options = ''] = output.split('\nExamples:');
    for (const line of options.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('prints its version', async () => {
    const { exitCode, stdout } = await run(['--version']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('takes global options before the command', async () => {
    const executions = createFakeExecutions({ observations: [succeeded] });
    assert.equal((await run(['--region', 'eu-central-1', '--json', 'list'], { executions })).exitCode, 0);
  });
});

describe('command line: start', () => {
  it('builds the execution input from the given options only', async () => {
    const executions = createFakeExecutions({ observations: [succeeded] });
    const options = ['--max-unavailable', '10%', '--surge', '4', '--alarm', 'a', '--alarm', 'b', '--force', '--ami-id'];
    const { exitCode, stdout } = await run(['start', ...GROUP, ...options, 'ami-0123456789abcdef0'], { executions });
    assert.equal(exitCode, 0);
    assert.deepEqual(executions.started[0], {
      name: 'workers-20260120-101500-by-ana-3f2a',
      input: {
        clusterName: 'shop',
        autoScalingGroupName: 'workers',
        force: true,
        alarms: ['a', 'b'],
        target: { amiId: 'ami-0123456789abcdef0' },
        updateConfig: { maxUnavailablePercentage: 10, surge: 4 },
      },
    });
    assert.match(stdout, /^Follow it with: npx --no eks-nodegroup-upgrade watch workers-20260120-101500-by-ana-3f2a$/m);
  });

  it('lets options override an input read from standard input', async () => {
    const executions = createFakeExecutions({ observations: [succeeded] });
    const input = {
      clusterName: 'shop',
      autoScalingGroupName: 'workers',
      updateConfig: { maxUnavailablePercentage: 10, surge: 4 },
      target: { releaseVersion: '1.33.5-20260101' },
    };
    const readStdin = async () => JSON.stringify(input);
    await run(['start', '--input', '-', '--max-unavailable', '3', '--launch-template-version', '7'], {
      executions,
      readStdin,
    });
    assert.deepEqual(executions.started[0]?.input, {
      ...input,
      updateConfig: { maxUnavailable: 3, surge: 4 },
      target: { launchTemplateVersion: '7' },
    });
  });

  it('makes a valid name from any group and user', async () => {
    const executions = createFakeExecutions({ observations: [succeeded] });
    const group = `eks/${'long.group name'.repeat(8)}`;
    await run(['start', '--cluster', 'shop', '--auto-scaling-group', group], {
      executions,
      env: { USER: 'CORP\\ana maria' },
    });
    assert.match(executions.started[0]?.name ?? '', /^[A-Za-z0-9_-]{1,80}$/);
  });

  const notObjects: [string, RegExp][] = [
    ['5', /^eks-nodegroup-upgrade: standard input must contain a JSON object$/],
    ['null', /must contain a JSON object$/],
    ['[]', /must contain a JSON object$/],
    ['"shop"', /must contain a JSON object$/],
    ['', /standard input is not JSON/],
    ['{"updateConfig": 5}', /"updateConfig" must be an object, but is 5/],
    ['{"updateConfig": null}', /"updateConfig" must be an object, but is null/],
    ['{"updateConfig": "abc"}', /"updateConfig" must be an object, but is "abc"/],
    ['{"canary": 7}', /"canary" must be an object, but is 7/],
    ['{"pods": []}', /"pods" must be an object, but is/],
    ['{"target": 5}', /"target" must be an object, but is 5/],
  ];
  for (const command of ['start', 'plan']) {
    for (const [text, sentence] of notObjects) {
      it(`${command} refuses the input ${text === '' ? 'without text' : text} in one sentence`, async () => {
        const executions = createFakeExecutions({ observations: [succeeded] });
        const argv = [command, ...GROUP, '--surge', '1', '--canary-nodes', '1', '--input', '-'];
        const { exitCode, stderr } = await run(argv, { executions, readStdin: async () => text });
        assert.equal(exitCode, 2);
        assert.match(stderr.trim(), sentence);
        assert.equal(stderr.trim().split('\n').length, 1);
        assert.deepEqual(executions.started, []);
      });
    }
  }

  const ambiguous: [string, string[], number, RegExp][] = [
    ['no workflow is deployed', ['other'], 3, /no state machine .* has upgrade-nodegroup in its name/],
    ['several workflows are deployed', ['a-upgrade-nodegroup', 'b-upgrade-nodegroup'], 2, /--state-machine/],
  ];
  for (const [title, machines, expected, message] of ambiguous) {
    it(`starts nothing when ${title}`, async () => {
      const executions = createFakeExecutions({ observations: [succeeded], machines });
      const { exitCode, stderr } = await run(['start', ...GROUP], { executions });
      assert.equal(exitCode, expected);
      assert.match(stderr, message);
      assert.deepEqual(executions.started, []);
    });
  }
});

describe('command line: outcomes', () => {
  const outcomes: [string, string[], Parameters<typeof createFakeExecutions>[0], number, RegExp][] = [
    ['watch ends with 0 after a success', ['watch'], { observations: [succeeded] }, 0, /4 nodes upgraded/],
    [
      'watch ends with 1 after a failure, and says why',
      ['watch'],
      { observations: [failed] },
      1,
      /PodEvictionFailure.*\n.*shop\/ledger/,
    ],
    ['wait ends with 0 after a success', ['wait'], { observations: [succeeded] }, 0, /^4 nodes upgraded .*\n$/],
    [
      'wait ends with 1 after a failure',
      ['wait', '--json'],
      { observations: [failed] },
      1,
      /"error":"PodEvictionFailure"/,
    ],
    ['start --watch follows', ['start', ...GROUP, '--watch'], { observations: [succeeded] }, 0, /4 nodes upgraded/],
    ['plan prints the plan', ['plan', ...GROUP], { observations: [dryRun] }, 0, /4 of 4 outdated: ip-10-/],
    [
      'plan --json prints the whole plan',
      ['plan', ...GROUP, '--json'],
      { observations: [dryRun] },
      0,
      /"durationSeconds"/,
    ],
    ['status shows a failed run and succeeds', ['status'], { observations: [failed] }, 0, /BLOCKED/],
    [
      'list names the executions',
      ['list'],
      { observations: [succeeded] },
      0,
      /shop-workers-20260120-101500-by-ana-3f2a {2}SUCCEEDED/,
    ],
    [
      'report writes Markdown to standard output',
      ['report', '--format', 'markdown', '-o', '-'],
      { observations: [failed] },
      0,
      /^# ❌/,
    ],
    ['report --json prints the model', ['report', '--json'], { observations: [succeeded] }, 0, /"schemaVersion": 1/],
  ];
  for (const [title, argv, options, expected, output] of outcomes) {
    it(title, async () => {
      const { exitCode, stdout } = await run(argv, { executions: createFakeExecutions(options) });
      assert.match(stdout, output);
      assert.equal(exitCode, expected);
    });
  }

  it('plan asks for a dry run, whatever the input file says', async () => {
    const executions = createFakeExecutions({ observations: [dryRun] });
    await run(['plan', ...GROUP, '--input', '-'], { executions, readStdin: async () => '{"dryRun": false}' });
    assert.equal((executions.started[0]?.input as { dryRun?: boolean } | undefined)?.dryRun, true);
  });

  it('writes the HTML report to the file named, and prints its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'));
    try {
      const file = join(folder, 'deep', 'report.html');
      const { stdout } = await run(['report', '--output', file], {
        executions: createFakeExecutions({ observations: [succeeded] }),
      });
      assert.equal(stdout, `${file}\n`);
      assert.match(await readFile(file, 'utf8'), /^<!doctype html>/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const failures: [string, Error, RegExp][] = [
    [
      'AWS cannot be reached',
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      /cannot be reached: ECONNREFUSED/,
    ],
    ['no credentials are found', Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), /aws sso login/],
    [
      'the execution does not exist',
      Object.assign(new Error('x'), { name: 'ExecutionDoesNotExist' }),
      /no such execution/,
    ],
    ['no region is set', new Error('Region is missing'), /no AWS region is set: give --region or set AWS_REGION$/m],
    [
      'the region is empty',
      new Error('Region not accepted: region="" is not a valid hostname component.'),
      /no AWS region is set: give --region or set AWS_REGION$/m,
    ],
    [
      'the region is no name',
      new Error('Region not accepted: region="eu west" is not a valid hostname component.'),
      /"eu west" is not the name of an AWS region: correct --region or AWS_REGION$/m,
    ],
    [
      'AWS refuses',
      Object.assign(new Error('not\nallowed'), { name: 'AccessDeniedException', $fault: 'executions' }),
      /AccessDeniedException: not allowed/,
    ],
  ];
  for (const [title, error, message] of failures) {
    it(`ends with 3 and one sentence when ${title}`, async () => {
      const executions = createFakeExecutions({ observations: [succeeded], error });
      const { exitCode, stderr } = await run(
        ['watch', 'some-name', '--state-machine', 'arn:aws:states:x:1:stateMachine:m'],
        { executions },
      );
      assert.equal(exitCode, 3);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, / at .*\.ts/, 'no stack trace');
    });
  }
});

describe('command line: following a run', () => {
  const observations = [3, 30, 110, 180, 240, 300, 420, 600].map((observedAfterSeconds) =>
    syntheticRun({ ...SMALL, observedAfterSeconds }),
  );

  const blockedObservations = [3, 300, 900].map((observedAfterSeconds) =>
    syntheticRun({ ...SMALL, blockedNodes: [1], observedAfterSeconds }),
  );

  it('prints a line per event without a terminal, in order of time', async () => {
    const executions = createFakeExecutions({ observations: [...observations, succeeded] });
    const { stdout } = await run(['watch'], { executions });
    const lines = stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d \+/.test(line));
    assert.match(lines[0] ?? '', /^10:15:00 \+00:00 {2}phase: Plan$/);
    assert.equal(lines.filter((line) => line.endsWith('is replaced')).length, 4);
    const times = lines.map((line) => line.slice(0, 8));
    assert.deepEqual([...times].sort(), times, 'sorted by time of day');
    assert.ok(!stdout.includes('\u001b'), 'no escape sequences');
  });

  it('prints one JSON object per line with --json, and nothing else', async () => {
    const executions = createFakeExecutions({ observations: [...blockedObservations, failed] });
    const { stdout, exitCode } = await run(['watch', '--json'], { executions });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; status?: string });
    assert.equal(exitCode, 1);
    assert.deepEqual(events.at(-1)?.status, 'FAILED');
    assert.ok(events.some(({ type }) => type === 'blocked'));
  });

  const every = (seconds: number, until: number): number[] =>
    Array.from({ length: Math.ceil(until / seconds) }, (_, index) => (index + 1) * seconds);

  it('says once for each attempt at a node which pod blocks it', async () => {
    const observations = every(10, 2200).map((observedAfterSeconds) =>
      syntheticRun({ ...SMALL, blockedNodes: [1], observedAfterSeconds }),
    );
    const { stdout } = await run(['watch'], {
      executions: createFakeExecutions({ observations: [...observations, failed] }),
    });
    assert.equal(stdout.match(/ blocks ip-/g)?.length, 2, stdout);
  });

  it('does not repeat a blocking pod that stopped blocking in between', async () => {
    const flapping = (whole: UpgradeHistory): UpgradeHistory => ({
      ...whole,
      children: whole.children.map(({ execution, history }) => ({
        execution,
        history: history.map((event, index) => {
          const output = event.lambdaFunctionSucceededEventDetails?.output;
          if (output === undefined || Math.floor(index / 6) % 2 === 0) return event;
          const free = JSON.stringify({ ...JSON.parse(output), blockingPods: [], blockingPodCount: 0 });
          return { ...event, lambdaFunctionSucceededEventDetails: { output: free } };
        }),
      })),
    });
    const observations = every(5, 700).map((observedAfterSeconds) =>
      flapping(syntheticRun({ ...SMALL, blockedNodes: [1], observedAfterSeconds })),
    );
    const executions = createFakeExecutions({ observations });
    const interrupt = new AbortController();
    let polls = 0;
    const sleep = async (): Promise<void> => {
      polls += 1;
      if (polls === observations.length) interrupt.abort();
    };
    const { stdout } = await run(['watch'], { executions, signal: interrupt.signal, sleep });
    assert.equal(stdout.match(/ blocks ip-/g)?.length, 1, stdout);
  });

  const paused = syntheticRun({
    ...SMALL,
    stepSeconds: 10,
    waits: { waitsFor: 'paused by an operator: lunch', isPaused: true },
    observedAfterSeconds: 140,
  });

  it('says in its status that an operator has paused the run, and why', async () => {
    const executions = createFakeExecutions({ observations: [paused] });
    const { stdout } = await run(['status'], { executions });
    assert.match(stdout, /^0 of 4 nodes upgraded to \S+ so far; paused by an operator: lunch$/m);
    assert.match(stdout, /^Paused by an operator: lunch$/m);
    const { stdout: json } = await run(['status', '--json'], { executions });
    assert.equal((JSON.parse(json) as { pauseReason?: string }).pauseReason, 'paused by an operator: lunch');
  });

  it('says while watching when a run is paused, and when it goes on', async () => {
    const executions = createFakeExecutions({
      observations: [
        syntheticRun({ ...SMALL, stepSeconds: 10, observedAfterSeconds: 30 }),
        paused,
        paused,
        syntheticRun({ ...SMALL, stepSeconds: 10, observedAfterSeconds: 240 }),
        syntheticRun({ ...SMALL, stepSeconds: 10 }),
      ],
    });
    const { stdout } = await run(['watch'], { executions });
    assert.equal(stdout.match(/ {2}paused by an operator: lunch$/gm)?.length, 1, stdout);
    assert.equal(stdout.match(/ {2}no longer paused$/gm)?.length, 1, stdout);
  });

  it('says why no further node is taken', async () => {
    const waits = { waitsFor: '3 of 4 nodes are Ready, and 4 must be' };
    const executions = createFakeExecutions({
      observations: [syntheticRun({ nodes: 2, parallelism: 3, stepSeconds: 10, waits, observedAfterSeconds: 140 })],
    });
    const { stdout } = await run(['status'], { executions });
    assert.match(stdout, /^No further node is taken: 3 of 4 nodes are Ready, and 4 must be$/m);
  });

  it('follows a run that EKS carries out as it follows one of its own', async () => {
    const views = every(20, 800).map((observedAfterSeconds) =>
      syntheticUpdate({ ...SMALL, slowNodes: [1], observedAfterSeconds }),
    );
    const executions = createFakeExecutions({
      observations: [...views, syntheticUpdate({ ...SMALL, slowNodes: [1] })],
    });
    const { stdout, exitCode } = await run(['watch'], { executions });
    const lines = stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d \+/.test(line));
    const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
    assert.equal(exitCode, 0);
    assert.equal(count(/EKS carries out the upgrade: update [-0-9a-f]+$/), 1);
    assert.equal(count(/ is being drained/) >= 4 && count(/ is replaced$/), 4);
    assert.equal(count(/ blocks ip-/), 1);
    assert.match(stdout, /4 nodes upgraded to \S+ by EKS in /);
  });

  it('reads the history of a node that is done once, and only new events of the others', async () => {
    const executions = createFakeExecutions({ observations: [...observations, succeeded, succeeded, succeeded] });
    await run(['watch'], { executions });
    const calls = [...executions.historyCalls.values()];
    assert.equal(executions.historyCalls.size, 5, 'the run and four nodes');
    for (const [first, ...later] of calls) {
      assert.equal(first, undefined, 'all events at first');
      assert.ok(!later.includes(undefined), `only new events later: ${later}`);
      assert.ok(later.length <= observations.length + 1, `${later.length + 1} calls`);
    }
  });

  it('shows the nodes that a step at work has taken, before the step tells of them', async () => {
    const executions = createFakeExecutions({ observations: [syntheticRun({ ...SMALL, observedAfterSeconds: 140 })] });
    const { stdout } = await run(['status'], { executions });
    assert.equal(stdout.match(/^ip-\S+ +\S+ +draining, \d pods? left$/gm)?.length, 2, stdout);
    assert.deepEqual(executions.listings, ['2026-01-20T10:17:02.000Z'], 'since the step began');
  });

  it('asks for no list of executions when the steps have told of all', async () => {
    const executions = createFakeExecutions({ observations: [succeeded] });
    await run(['report', '--json'], { executions });
    assert.deepEqual(executions.listings, []);
  });

  const whole = (argv: string[], observations: UpgradeHistory[]) =>
    run([...argv, '--json'], { executions: createFakeExecutions({ observations }) });

  it('finds the nodes of a run that died before a step told of them', async () => {
    const dying = syntheticRun({ ...SMALL, observedAfterSeconds: 200 });
    const aborted = { id: 9999, type: 'ExecutionAborted', timestamp: '2026-01-20T10:18:20.000Z' };
    const { stdout } = await whole(['report'], [{ ...dying, history: [...dying.history, aborted] }]);
    const { status, counts } = JSON.parse(stdout);
    assert.deepEqual([status, counts.inProgress], ['ABORTED', 2]);
  });

  it('ignores a name that a step recorded before it started the execution', async () => {
    const started = syntheticRun({ ...SMALL, stepSeconds: 10, observedAfterSeconds: 140 });
    const { stdout } = await whole(['status'], [{ ...started, children: started.children.slice(1) }]);
    assert.deepEqual(JSON.parse(stdout).counts.inProgress, 1);
  });

  const continued = syntheticRun({ ...SMALL, stepSeconds: 60, continuesAfterSteps: 1 });
  const parts: [title: string, operand: string | undefined][] = [
    ['without a name', undefined],
    ['by the name of the execution that continued it', continued.continuations?.[1]?.execution.executionArn],
    ['by the name of an execution of a node', continued.children[2]?.execution.executionArn],
  ];
  for (const [title, operand] of parts) {
    it(`reports a run that was continued as one: ${title}`, async () => {
      const { stdout } = await whole(['report', ...(operand === undefined ? [] : [operand])], [continued]);
      const { execution, counts } = JSON.parse(stdout);
      assert.deepEqual([execution.name, counts.upgraded], [continued.execution.name, 4]);
      assert.equal(execution.continuedBy.length, continued.continuations?.length);
    });
  }

  it('watches a run to its end through the executions that continue it', async () => {
    const views = every(20, 420).map((observedAfterSeconds) =>
      syntheticRun({ ...SMALL, stepSeconds: 60, continuesAfterSteps: 1, observedAfterSeconds }),
    );
    const executions = createFakeExecutions({ observations: [...views, continued] });
    const { stdout, exitCode } = await run(['watch'], { executions });
    assert.equal(exitCode, 0);
    assert.equal(stdout.match(/ is replaced$/gm)?.length, 4, stdout);
    assert.equal(stdout.match(/ phase: Upgrade$/gm)?.length, 1, stdout);
  });

  it('lists a run that was continued once', async () => {
    const { stdout } = await whole(['list'], [continued]);
    assert.deepEqual(
      JSON.parse(stdout).map(({ name }: { name: string }) => name),
      [continued.execution.name],
    );
  });

  it('shows the cursor again on a terminal, also when it is interrupted', async () => {
    let output = '';
    const stdout = { isTTY: true, columns: 80, rows: 24, write: (text: string) => (output += text) };
    const interrupt = new AbortController();
    const executions = createFakeExecutions({ observations });
    const { exitCode, stderr } = await run(['watch'], {
      executions,
      stdout,
      env: { LANG: 'C.UTF-8', TERM: 'xterm' },
      signal: interrupt.signal,
      sleep: async () => interrupt.abort(),
    });
    assert.equal(exitCode, 130);
    assert.match(stderr, /the upgrade continues/);
    assert.ok(output.indexOf('\u001b[?25l') < output.lastIndexOf('\u001b[?25h'));
  });
});
