import type { Between } from '../../cli/embedded/virtual-sandbox.ts';
import type { Strike } from '../case.ts';
import { actionOf } from './action.ts';
import type { Invocation, Invocations } from './invocation.ts';
import { createStrikes, type Passage, type StrikeContext, strikeOn } from './strikes.ts';

/** Something that a function asks for. */
export interface FunctionRequest {
  /** Counted from 1, over all functions. */
  readonly number: number;
  readonly invocation: Invocation | undefined;
  readonly plane: 'aws' | 'kubernetes';
  /** AWS action, or `PATCH nodes`. */
  readonly action: string;
}

/** What stands at the seams. */
export interface SeamsOptions {
  readonly invocations: Invocations;
  readonly strikes: readonly Strike[];
  /** Called by what strikes, when it does: the world exists by then. */
  readonly context: StrikeContext;
  /** Called before each request, in the order in which they are sent. */
  readonly onRequest?: (request: FunctionRequest) => void;
  readonly onStruck?: (strike: Strike, passage: Passage) => void;
}

/** Stand between the functions of the workflow and the world: each call and each request passes here, once. */
export function createSeams(options: SeamsOptions): Required<Pick<Between, 'request' | 'invoke'>> {
  const { invocations, strikes, context, onRequest = () => {}, onStruck = () => {} } = options;
  const strikeFor = createStrikes(strikes);
  let requests = 0;

  const pass = <T>(passage: Passage, invocation: Invocation | undefined, work: () => Promise<T>): Promise<T> => {
    const strike = strikeFor(passage);
    if (strike === undefined || context.isOver()) return work();
    onStruck(strike, passage);
    return strikeOn(strike.mode, work, { seam: passage.seam, invocation, seconds: strike.seconds }, context);
  };

  return {
    request: (handler, plane) => (request) => {
      const invocation = invocations.current();
      if (invocation?.container.isSilent === true) return context.hang();
      requests += 1;
      const action = actionOf(request, plane);
      onRequest({ number: requests, invocation, plane, action });
      return pass({ seam: plane, functionKey: invocation?.functionKey, action }, invocation, () => handler(request));
    },
    invoke: (inner) => (functionKey, payload) =>
      invocations.run(functionKey, payload, (invocation) =>
        pass({ seam: 'invoke', functionKey, action: functionKey }, invocation, () => inner(functionKey, payload)),
      ),
  };
}
