import type { ExecutionFacts, ExecutionHistory, HistoryEvent } from '../../report/read/history.ts';

const json = JSON.stringify;

/** A failed try of a task before the one that succeeds, or instead of it. */
export interface Try {
  readonly error: string;
  readonly message: string;
  /** How long it took. */
  readonly seconds?: number;
}

/** Write one execution's events as Step Functions does. Instants are epoch ms and only move forward. */
export function createHistoryWriter(facts: { arn: string; name: string; startAt: number; input: unknown }) {
  const events: HistoryEvent[] = [];
  let now = facts.startAt;
  const add = (type: string, details: Partial<HistoryEvent> = {}): void => {
    events.push({ id: events.length + 1, type, timestamp: new Date(now).toISOString(), ...details });
  };
  add('ExecutionStarted', {
    executionStartedEventDetails: {
      input: json(facts.input),
      roleArn: 'arn:aws:iam::111122223333:role/eks-nodegroup-upgrade',
    },
  });

  const enter = (kind: string, name: string): void =>
    add(`${kind}StateEntered`, { stateEnteredEventDetails: { name, input: '{}' } });
  const exit = (kind: string, name: string): void =>
    add(`${kind}StateExited`, { stateExitedEventDetails: { name, output: '{}' } });

  return {
    at: (): number => now,
    /** Move the clock to an instant, never back. */
    moveTo(at: number): void {
      now = Math.max(now, at);
    },
    task(name: string, output: unknown, seconds = 1, failures: readonly Try[] = []): void {
      enter('Task', name);
      for (const { error, message, seconds: took = 0.5 } of failures) {
        add('LambdaFunctionScheduled');
        now += took * 1000;
        add('LambdaFunctionFailed', {
          lambdaFunctionFailedEventDetails: {
            error,
            cause: json({ errorType: error, errorMessage: message, trace: [] }),
          },
        });
        now += 2000;
      }
      if (output !== undefined) {
        add('LambdaFunctionScheduled');
        add('LambdaFunctionStarted');
        now += seconds * 1000;
        add('LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: { output: json(output) } });
      }
      exit('Task', name);
    },
    /** A Task that has begun and has not returned. */
    begin(name: string): void {
      enter('Task', name);
      add('LambdaFunctionScheduled');
      add('LambdaFunctionStarted');
      now += 500;
    },
    step(kind: 'Choice' | 'Pass', name: string): void {
      enter(kind, name);
      exit(kind, name);
    },
    wait(name: string, seconds: number): void {
      enter('Wait', name);
      now += seconds * 1000;
      exit('Wait', name);
    },
    /** A Task that starts another execution and waits for its end. `run` writes that one. @returns how that ended */
    waitForExecution(name: string, run: () => ExecutionHistory): ExecutionFacts {
      enter('Task', name);
      add('TaskScheduled');
      add('TaskStarted');
      const index = events.length;
      add('TaskSubmitted');
      const { execution } = run();
      const { executionArn, startDate, stopDate, status, error, cause } = execution;
      const output = json({ ExecutionArn: executionArn, StartDate: startDate });
      events[index] = { ...(events[index] as HistoryEvent), taskSubmittedEventDetails: { output } };
      now = Math.max(now, Date.parse(String(stopDate)));
      if (status === 'SUCCEEDED') {
        add('TaskSucceeded', {
          taskSucceededEventDetails: { output: json({ ExecutionArn: executionArn, Output: {} }) },
        });
      } else {
        const details = { error: 'States.TaskFailed', cause: json({ Error: error, Cause: cause }) };
        add('TaskFailed', { taskFailedEventDetails: details });
      }
      exit('Task', name);
      return execution;
    },
    /** Iterations of an inline Map that run other executions and wait for them, side by side. */
    nested(name: string, children: readonly ExecutionHistory[]): void {
      enter('Map', name);
      add('MapStateStarted');
      for (const { execution } of children) {
        add('MapIterationStarted');
        enter('Task', `${name.slice(0, -1)}`);
        add('TaskScheduled');
        add('TaskStarted');
        const output = json({ ExecutionArn: execution.executionArn, StartDate: execution.startDate });
        add('TaskSubmitted', { taskSubmittedEventDetails: { output } });
      }
      const ends = children
        .map(({ execution }) => execution)
        .toSorted((left, right) => String(left.stopDate).localeCompare(String(right.stopDate)));
      for (const { status, stopDate, error, cause } of ends) {
        now = Math.max(now, Date.parse(String(stopDate)));
        if (status === 'SUCCEEDED') add('TaskSucceeded', { taskSucceededEventDetails: { output: '{}' } });
        else
          add('TaskFailed', { taskFailedEventDetails: { error: 'States.TaskFailed', cause: json({ error, cause }) } });
        exit('Task', `${name.slice(0, -1)}`);
        add('MapIterationSucceeded');
      }
      add('MapStateSucceeded');
      exit('Map', name);
    },
    succeed(name: string, output: unknown): void {
      enter(name.startsWith('Node') ? 'Pass' : 'Succeed', name);
      exit(name.startsWith('Node') ? 'Pass' : 'Succeed', name);
      add('ExecutionSucceeded', { executionSucceededEventDetails: { output: json(output) } });
    },
    fail(name: string, error: string, cause: string): void {
      enter('Fail', name);
      add('ExecutionFailed', { executionFailedEventDetails: { error, cause } });
    },
    abort(): void {
      add('ExecutionAborted', { executionAbortedEventDetails: {} });
    },
    /** The execution as it stands; with `untilAt` as somebody saw it then. */
    finish(untilAt = Number.POSITIVE_INFINITY): ExecutionHistory {
      const history = events.filter(({ timestamp }) => Date.parse(String(timestamp)) <= untilAt);
      const last = history.at(-1);
      const status =
        { ExecutionSucceeded: 'SUCCEEDED', ExecutionFailed: 'FAILED', ExecutionAborted: 'ABORTED' }[last?.type ?? ''] ??
        'RUNNING';
      const execution: ExecutionFacts = {
        executionArn: facts.arn,
        name: facts.name,
        status,
        startDate: new Date(facts.startAt).toISOString(),
        ...(status === 'RUNNING' ? {} : { stopDate: String(last?.timestamp) }),
        ...last?.executionFailedEventDetails,
      };
      return { execution, history };
    },
  };
}
