import { readFile } from 'node:fs/promises';
import { parseClusterInput } from '../../domain/cluster/input.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { parseInput } from '../../domain/input/input.ts';
import { usageFailure } from '../failure.ts';
import type { CliIo, Options } from './command.ts';

type Json = Record<string, unknown>;

/** A number when the text is one; the schema refuses anything else with its own sentence. */
const numeric = (value: string | undefined): unknown =>
  value !== undefined && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;

async function readBase(source: string | undefined, io: CliIo): Promise<Json> {
  if (source === undefined) return {};
  const where = source === '-' ? 'standard input' : source;
  const content = await (source === '-' ? io.readStdin() : readFile(source, 'utf8')).catch((error: Error) => {
    throw usageFailure(`the input file ${where} cannot be read: ${error.message}`);
  });
  try {
    const value: unknown = JSON.parse(content);
    if (isObject(value)) return value;
  } catch (error) {
    throw usageFailure(`${where} is not JSON: ${(error as Error).message}`);
  }
  throw usageFailure(`${where} must contain a JSON object`);
}

/** What a run is about: one node group, or several of a cluster. */
export type Scope = 'nodegroup' | 'cluster';

/** An input with `nodegroups` is that of a cluster; no other key distinguishes the two. */
export const scopeOf = (input: Json): Scope => (input.nodegroups === undefined ? 'nodegroup' : 'cluster');

/** Names of groups, from one list or many; `all` is a keyword only when it is the only name. */
function nodegroupsOf(given: readonly string[]): 'all' | readonly string[] | undefined {
  if (given.length === 0) return undefined;
  if (given.length === 1 && given[0] === 'all') return 'all';
  return given.flatMap((list) => list.split(',').map((name) => name.trim())).filter((name) => name !== '');
}

/** Without absent members: an option that was not given must not hide a default or a value of the file. */
const given = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of the file, overridden by options. A member that is no object stays as it is, and the schema refuses it. */
const merged = (base: unknown, over: Json): unknown => {
  if (base !== undefined && !isObject(base)) return base;
  const both = { ...base, ...given(over) };
  return Object.keys(both).length === 0 ? undefined : both;
};

function targetOf(base: unknown, { text: of }: Options): unknown {
  const named = given({
    amiId: of('ami-id'),
    releaseVersion: of('release-version'),
    launchTemplateVersion: of('launch-template-version'),
    ssmParameter: of('ssm-parameter'),
  });
  return Object.keys(named).length === 0 ? base : named;
}

function updateConfigOf(base: unknown, { text: of }: Options): unknown {
  if (base !== undefined && !isObject(base)) return base;
  const wanted = of('max-unavailable');
  const percentage = wanted?.endsWith('%') ? wanted.slice(0, -1) : undefined;
  const parallel: Json =
    wanted === undefined
      ? {}
      : percentage === undefined
        ? { maxUnavailable: numeric(wanted) }
        : { maxUnavailablePercentage: numeric(percentage) };
  const { maxUnavailable, maxUnavailablePercentage, ...rest } = base ?? {};
  const kept = wanted === undefined ? given({ maxUnavailable, maxUnavailablePercentage }) : {};
  return merged(
    { ...rest, ...kept },
    { ...parallel, updateStrategy: of('update-strategy'), surge: numeric(of('surge')) },
  );
}

/** The options for what every input needs and this one lacks: the schema names JSON keys only. */
function missingOptions(input: Json): string[] {
  const hasGroup = [input.nodegroupName, input.autoScalingGroupName, input.nodegroups].some(
    (each) => each !== undefined,
  );
  return [
    ...(input.clusterName === undefined ? ['--cluster'] : []),
    ...(hasGroup ? [] : ['--auto-scaling-group, --nodegroup or --nodegroups']),
  ];
}

/**
 * Put the execution input together from `--input` and the single options, and check it.
 *
 * @param overrides members that the command itself decides
 * @returns the input as the user gave it, without the defaults
 * @throws {InvalidInput} before anything is started
 */
export async function readInput(options: Options, io: CliIo, overrides: Json = {}): Promise<Json> {
  const base = await readBase(options.text('input'), io);
  const { text: of } = options;
  const alarms = options.texts('alarm');
  const nodes = options.texts('node');
  const input = given({
    ...base,
    ...given({
      clusterName: of('cluster'),
      nodegroupName: of('nodegroup'),
      autoScalingGroupName: of('auto-scaling-group'),
      nodegroups: nodegroupsOf(options.texts('nodegroups')),
      maxParallelNodegroups: numeric(of('max-parallel-nodegroups')),
      onNodegroupFailure: of('on-nodegroup-failure'),
      amiType: of('ami-type'),
      engine: of('engine'),
      force: options.flag('force') ? true : undefined,
      allowDowngrade: options.flag('allow-downgrade') ? true : undefined,
      drainTimeoutSeconds: numeric(of('drain-timeout-seconds')),
      cordonWaitSeconds: numeric(of('cordon-wait-seconds')),
      nodeReadyTimeoutSeconds: numeric(of('node-ready-timeout-seconds')),
      alarms: alarms.length === 0 ? undefined : alarms,
      nodes: nodes.length === 0 ? undefined : nodes,
      failurePolicy: of('failure-policy'),
      blockedNodes: of('blocked-nodes'),
    }),
    target: targetOf(base.target, options),
    updateConfig: updateConfigOf(base.updateConfig, options),
    canary: merged(base.canary, {
      nodes: numeric(of('canary-nodes')),
      bakeSeconds: numeric(of('canary-bake-seconds')),
    }),
    pods: merged(base.pods, { unmanaged: of('pods-unmanaged'), localStorage: of('pods-local-storage') }),
    ...overrides,
  });
  try {
    if (scopeOf(input) === 'cluster') parseClusterInput(input);
    else parseInput(input);
  } catch (error) {
    const missing = missingOptions(input);
    if (!(error instanceof InvalidInput) || missing.length === 0) throw error;
    throw new InvalidInput(`${error.message} (give ${missing.join(' and ')})`);
  }
  return input;
}
