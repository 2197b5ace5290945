import { GLOBAL_OPTIONS } from './arguments.ts';
import type { Command, OptionSpecs } from './command.ts';

const PROGRAM = 'eks-nodegroup-upgrade';

function optionLines(options: OptionSpecs): string[] {
  const rows = Object.entries(options).map(([name, { short, value, description }]): [string, string] => [
    `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    description,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

const EXITS = [
  'Exit codes:',
  '  0  success',
  '  1  the upgrade failed, was aborted or timed out',
  '  2  wrong arguments, or an input that is refused',
  '  3  no such execution or state machine, or AWS cannot be reached or refuses',
  '  10  outdated: some nodes are',
  '  130  interrupted; an upgrade that was started goes on',
];

/** Help on the whole program. */
export function programHelp(commands: readonly { name: string; summary: string }[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return `${[
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    '',
    'Replace every node of an EKS node group with nodes on a new AMI, as a Step Functions workflow.',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options of every command:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    'Examples:',
    `  ${PROGRAM} plan --cluster shop --auto-scaling-group workers`,
    `  ${PROGRAM} start --cluster shop --auto-scaling-group workers --watch`,
    `  ${PROGRAM} outdated --cluster shop`,
    `  ${PROGRAM} report`,
    '',
    ...EXITS,
    '',
    `${PROGRAM} COMMAND --help says more about a command. AWS_ENDPOINT_URL points it at a sandbox.`,
  ].join('\n')}\n`;
}

/** Help on one command. */
export function commandHelp({
  name,
  summary,
  operands,
  options,
  details = [],
  examples,
}: Pick<Command, 'name' | 'summary' | 'operands' | 'options' | 'details' | 'examples'>): string {
  const own = Object.keys(options).length === 0 ? [] : ['Options:', ...optionLines(options), ''];
  return `${[
    `Usage: ${PROGRAM} ${[name, operands, '[OPTIONS]'].filter((part) => part !== '').join(' ')}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...details,
    '',
    ...own,
    'Options of every command:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    'Examples:',
    ...examples.map((example) => `  ${PROGRAM} ${example}`),
    '',
    ...EXITS,
  ].join('\n')}\n`;
}
