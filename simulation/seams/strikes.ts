import { connectionLost } from 'eks-sandbox/server';
import type { Strike, StrikeMode } from '../case.ts';
import { type Invocation, lambdaError } from './invocation.ts';

/** What strikes need of the world. */
export interface StrikeContext {
  /** Let simulated time pass. */
  sleep(seconds: number): Promise<void>;
  /** Wait for ever, while simulated time passes. */
  hang(): Promise<never>;
  /** Whether the time of strikes is over. */
  isOver(): boolean;
  /** Call back once, when a function has had its time. */
  timeout(seconds: number, callback: () => void): void;
  /** Stop the runs as an operator does in the console. */
  stopRuns(): void;
}

const LATE_SECONDS = 20;
/** Timeout of most functions in serverless.yml. */
const FUNCTION_SECONDS = 60;

const killed = () => lambdaError('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited with error: signal: killed');
const timedOut = (seconds: number) =>
  lambdaError('Sandbox.Timedout', `RequestId: 1 Error: Task timed out after ${seconds.toFixed(2)} seconds`);

/** End the process of a function: whatever it awaits is never answered. */
function die(invocation: Invocation | undefined, { hang }: StrikeContext): Promise<never> {
  invocation?.container.die(killed());
  return hang();
}

/** A piece of work at a seam, and what the caller sees when it is lost. */
interface Struck {
  readonly seam: Passage['seam'];
  readonly invocation: Invocation | undefined;
  readonly seconds: number | undefined;
}

const lost = (seam: Passage['seam']) =>
  seam === 'invoke' ? lambdaError('Lambda.SdkClientException', 'Unable to execute HTTP request') : connectionLost();

type Reaction = <T>(work: () => Promise<T>, struck: Struck, context: StrikeContext) => Promise<T>;

const REACTIONS: Readonly<Record<StrikeMode, Reaction>> = {
  failsBefore: async (_, { seam }) => {
    throw lost(seam);
  },
  answerLost: async (work, { seam }) => {
    await work();
    throw lost(seam);
  },
  late: async (work, { seconds = LATE_SECONDS }, { sleep }) => {
    await sleep(seconds);
    return work();
  },
  twice: async (work) => {
    const first = work();
    // Whoever sends something twice reads one answer.
    const second = work().catch(() => {});
    const [answer] = await Promise.all([first, second]);
    return answer;
  },
  diesBefore: (_, { invocation }, context) => die(invocation, context),
  diesAfter: async (work, { invocation }, context) => {
    await work();
    return die(invocation, context);
  },
  timesOut: async (work, { invocation, seconds = FUNCTION_SECONDS }, { timeout, hang }) => {
    await work();
    invocation?.container.silence();
    timeout(seconds, () => invocation?.container.die(timedOut(seconds)));
    return hang();
  },
  stopExecution: (work, _, { stopRuns }) => {
    stopRuns();
    return work();
  },
};

/** Apply a strike to a piece of work. */
export const strikeOn = <T>(
  mode: StrikeMode,
  work: () => Promise<T>,
  struck: Struck,
  context: StrikeContext,
): Promise<T> => REACTIONS[mode](work, struck, context);

/** Something at a seam. */
export interface Passage {
  readonly seam: 'invoke' | 'aws' | 'kubernetes';
  readonly functionKey: string | undefined;
  readonly action: string;
}

/** Which of some strikes hits what passes; each counts for itself what it matches. */
export function createStrikes(strikes: readonly Strike[]): (passage: Passage) => Strike | undefined {
  const counted = strikes.map((strike) => ({ strike, passed: 0 }));
  return ({ seam, functionKey, action }) => {
    let due: Strike | undefined;
    for (const each of counted) {
      const { strike } = each;
      if (strike.seam !== seam && (strike.seam !== 'request' || seam === 'invoke')) continue;
      if (strike.function !== undefined && strike.function !== functionKey) continue;
      if (strike.match !== undefined && !action.startsWith(strike.match)) continue;
      each.passed += 1;
      if (each.passed === strike.number) due ??= strike;
    }
    return due;
  };
}
