import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Scenario, scenarioSchema } from './scenario.ts';

function parseYaml(text: string, origin: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`${origin} is not a scenario, as it is not YAML: ${(error as Error).message}`);
  }
}

/**
 * Read a scenario from YAML text.
 *
 * @throws Error that says which key is wrong and what was expected
 */
export function parseScenario(text: string, origin: string): Scenario {
  const parsed = scenarioSchema.safeParse(parseYaml(text, origin));
  if (parsed.success) return parsed.data;
  throw new Error(`${origin} is not a scenario:\n${z.prettifyError(parsed.error)}`);
}

/** Read a scenario file. @throws Error when there is no such file or it is not a scenario */
export const loadScenario = (file: string): Scenario => parseScenario(readFileSync(file, 'utf8'), file);
