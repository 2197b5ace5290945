import { withShortStack } from '../../clients/lambda/short-stack.ts';
import { runStep, type Step } from '../../clients/lambda/step.ts';
import type { Deps } from '../../clients/ports.ts';
import { eventFunctionKeys } from './stack-functions.ts';
import { stateMachines } from './state-machines.ts';

type Steps = ReadonlyMap<string, Step<never, unknown>>;
type StepModule = Readonly<Record<string, Step<never, unknown>>>;

const kebabCase = (camel: string) => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Keys of the functions that the state machines call. */
function functionKeys(): Set<string> {
  const text = JSON.stringify(stateMachines());
  return new Set([...text.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].flatMap(([, key]) => key ?? []));
}

async function stepOf(key: string, folder: '' | 'events/') {
  // A literal except for the name, so that a bundle contains every function.
  const module: StepModule = await import(`../../functions/${folder}${kebabCase(key)}.ts`);
  return [key, module[key] as Step<never, unknown>] as const;
}

/** The workflow's own functions, by function key: the same code that Lambda runs, from the same files. */
export async function loadSteps(): Promise<Steps> {
  const tasks = [...functionKeys()].map((key) => stepOf(key, ''));
  const events = eventFunctionKeys().map((key) => stepOf(key, 'events/'));
  return new Map(await Promise.all([...tasks, ...events]));
}

/** Run a step by function key, on its payload as JSON carries it. */
export const createInvoker =
  (steps: Steps, deps: () => Deps) =>
  async (functionKey: string, payload: unknown): Promise<unknown> => {
    const step = steps.get(functionKey);
    if (step === undefined) throw new Error(`there is no function ${functionKey}`);
    const output = await runStep(step, payload, deps()).catch((thrown: unknown) => {
      throw withShortStack(thrown);
    });
    // Lambda answers in JSON: the state must not contain here what JSON cannot carry.
    return JSON.parse(JSON.stringify(output ?? null));
  };
