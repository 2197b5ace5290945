import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Scenario, scenarioSchema } from './scenario.ts';

/**
 * Read a scenario from YAML text.
 *
 * @throws Error that says which key is wrong and what was expected
 */
export function parseScenario(text: string, origin: string): Scenario {
  const parsed = scenarioSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${origin} is not a scenario:\n${z.prettifyError(parsed.error)}`);
}

/** Read a scenario file. @throws Error when there is no such file or it is not a scenario */
export const loadScenario = (file: string): Scenario => parseScenario(readFileSync(file, 'utf8'), file);
