import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackFunctions } from 'eks-sandbox';
import { parse } from 'yaml';

/** Functions of serverless.yml by key, as far as the sandbox is concerned. */
type Functions = StackFunctions & Readonly<Record<string, { readonly handler?: string }>>;

/** A process that creates many worlds reads the file once. */
let functions: Functions | undefined;

/** The functions that the stack has, with the events that call them. */
export function stackFunctions(): Functions {
  functions ??= parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).functions as Functions;
  return functions;
}

/** Keys of the functions in functions/events/: EventBridge calls them, and no state machine. */
export const eventFunctionKeys = (): string[] =>
  Object.entries(stackFunctions()).flatMap(([key, { handler }]) => (handler?.includes('/events/') ? [key] : []));
