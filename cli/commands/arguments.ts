import { parseArgs } from 'node:util';
import { nearest } from '../../domain/input/nearest.ts';
import { usageFailure } from '../failure.ts';
import type { OptionSpecs, Options } from './command.ts';

export const GLOBAL_OPTIONS: OptionSpecs = {
  'state-machine': {
    type: 'string',
    value: 'ARN|NAME',
    description:
      'the workflow; default: $EKS_NODEGROUP_UPGRADE_STATE_MACHINE, or the one with upgrade-nodegroup (for a cluster: upgrade-cluster) in its name',
  },
  region: { type: 'string', value: 'REGION', description: 'AWS region; default: as the AWS SDK finds it' },
  json: { type: 'boolean', description: 'machine-readable output' },
  help: { type: 'boolean', short: 'h', description: 'this text' },
};

interface Parsed {
  readonly options: Options;
  readonly operands: readonly string[];
}

/** The option as the user knows it. */
const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

/**
 * Parse a command's arguments.
 *
 * @throws {CliFailure} with one sentence that names the wrong option and the nearest known one
 */
export function parseArguments(argv: readonly string[], specs: OptionSpecs, maxOperands: number): Parsed {
  const all: OptionSpecs = { ...GLOBAL_OPTIONS, ...specs };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(all).map(([name, { type, short }]) => [name, { type, ...(short === undefined ? {} : { short }) }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = all[token.name];
    if (spec === undefined) throw unknownOption(token.name, Object.keys(all));
    const before = values.get(token.name);
    if (before !== undefined && !spec.isRepeatable && spec.type === 'string') {
      throw usageFailure(`${dashed(token.name)} is given twice`);
    }
    values.set(token.name, [...(before ?? []), optionValue(token, spec.type, spec.value)]);
  }
  if (operands.length > maxOperands) throw usageFailure(`unexpected argument "${operands[maxOperands]}"`);
  return {
    operands,
    options: {
      text: (name) => values.get(name)?.at(-1),
      texts: (name) => values.get(name) ?? [],
      flag: (name) => values.has(name),
    },
  };
}

function unknownOption(name: string, known: readonly string[]): Error {
  const near = nearest(name, known);
  return usageFailure(`unknown option ${dashed(name)}${near === undefined ? '' : `: did you mean --${near}?`}`);
}

function optionValue(
  { name, value, inlineValue }: { name: string; value: string | undefined; inlineValue: boolean | undefined },
  type: 'string' | 'boolean',
  shown = 'VALUE',
): string {
  if (type === 'boolean') {
    if (value !== undefined) throw usageFailure(`${dashed(name)} takes no value`);
    return '';
  }
  const isMissing = value === undefined || value === '' || (value.startsWith('--') && inlineValue !== true);
  if (isMissing) throw usageFailure(`${dashed(name)} needs a value: ${dashed(name)} ${shown}`);
  return value;
}
