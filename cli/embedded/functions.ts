import { runStep, type Step } from '../../clients/lambda/step.ts';
import type { Deps } from '../../clients/ports.ts';
import { stateMachines } from './state-machines.ts';

const kebabCase = (camel: string) => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Keys of the functions that the state machines call. */
function functionKeys(): Set<string> {
  const text = JSON.stringify(stateMachines());
  return new Set([...text.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].flatMap(([, key]) => key ?? []));
}

/** The workflow's own steps, by function key: the same code that Lambda runs, from the same files. */
export async function loadSteps(): Promise<ReadonlyMap<string, Step<never, unknown>>> {
  const entries = await Promise.all(
    [...functionKeys()].map(async (key) => {
      // A literal except for the name, so that a bundle contains every function.
      const module: Record<string, Step<never, unknown>> = await import(`../../functions/${kebabCase(key)}.ts`);
      return [key, module[key] as Step<never, unknown>] as const;
    }),
  );
  return new Map(entries);
}

/** Run a step by function key, on its payload as JSON carries it. */
export const createInvoker =
  (steps: ReadonlyMap<string, Step<never, unknown>>, deps: () => Deps) =>
  async (functionKey: string, payload: unknown): Promise<unknown> => {
    const step = steps.get(functionKey);
    if (step === undefined) throw new Error(`there is no function ${functionKey}`);
    const output = await runStep(step, payload, deps());
    // Lambda answers in JSON: the state must not contain here what JSON cannot carry.
    return JSON.parse(JSON.stringify(output ?? null));
  };
