import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, type Step } from '../../clients/lambda/step.ts';
import type { Deps } from '../../clients/ports.ts';

const FOLDER = join(import.meta.dirname, '../../functions');

const camelCase = (kebab: string) => kebab.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The workflow's own steps, by function key: the same code that Lambda runs, from the same files. */
export async function loadSteps(): Promise<ReadonlyMap<string, Step<never, unknown>>> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));
  const entries = await Promise.all(
    files.map(async (file) => {
      const key = camelCase(file.slice(0, -'.ts'.length));
      const module = (await import(join(FOLDER, file))) as Record<string, Step<never, unknown>>;
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
    // Lambda answers in JSON: what it cannot carry must not reach the state here either.
    return JSON.parse(JSON.stringify(output ?? null));
  };
