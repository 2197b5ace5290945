import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { type Path, readYaml, type YamlText } from './yaml-text.ts';

const pathText = (path: Path) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w$-]+$/.test(String(step))) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');

/** What is read of a schema to say what it expected. */
interface Definition {
  readonly shape?: object;
  readonly options?: readonly {
    readonly _zod: { readonly propValues?: Readonly<Record<string, ReadonlySet<unknown>>> };
  }[];
}

/** Say which keys, or which kinds, there are instead. */
const sayWhatWasExpected: z.core.$ZodErrorMap = (issue) => {
  const definition = issue.inst?._zod.def as Definition | undefined;
  if (issue.code === 'unrecognized_keys' && definition?.shape !== undefined)
    return `Unrecognized key: ${issue.keys.map((key) => `"${key}"`).join(', ')}; expected one of ${Object.keys(definition.shape).join(', ')}`;
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return undefined;
  const { discriminator } = issue;
  const known = (definition?.options ?? []).flatMap(({ _zod }) => [...(_zod.propValues?.[discriminator] ?? [])]);
  return `Unknown ${discriminator}; expected one of ${known.join(', ')}`;
};

function sentencesOf(error: z.core.$ZodError, { lineOf }: YamlText): string[] {
  return error.issues.map(({ path, message, ...issue }) => {
    const keys = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys : [];
    return `line ${lineOf([...path, ...keys.slice(0, 1)])}: ${path.length === 0 ? '' : `${pathText(path)}: `}${message}`;
  });
}

function readText(text: string, origin: string): YamlText {
  try {
    return readYaml(text);
  } catch (error) {
    throw new Error(`${origin} is not a scenario, as it is not YAML: ${(error as Error).message}`);
  }
}

/**
 * Read a scenario from YAML text.
 *
 * @throws Error that says which line and key is wrong, and what was expected
 */
export function parseScenario(text: string, origin: string): Scenario {
  const yaml = readText(text, origin);
  const parsed = scenarioSchema.safeParse(yaml.value, { error: sayWhatWasExpected });
  if (parsed.success) return parsed.data;
  throw new Error(`${origin} is not a scenario:\n${sentencesOf(parsed.error, yaml).join('\n')}`);
}

/** Read a scenario file. @throws Error when there is no such file or it is not a scenario */
export const loadScenario = (file: string): Scenario => parseScenario(readFileSync(file, 'utf8'), file);
