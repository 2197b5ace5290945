import * as z from 'zod';
import { AMI_TYPES } from './ami-types.ts';
import { InvalidInput } from './errors.ts';
import { nearest } from './nearest.ts';

const seconds = (limit: number) => z.int().min(0).max(limit);

const targetSchema = z
  .strictObject({
    amiId: z
      .string()
      .regex(/^ami-[0-9a-f]{8,17}$/, 'an AMI id such as ami-0123456789abcdef0')
      .optional(),
    releaseVersion: z.string().min(1).optional().describe('e.g. 1.33.5-20260101'),
    launchTemplateVersion: z
      .string()
      .regex(/^[1-9]\d*$/, 'the number of a template version, as a string, such as "7"')
      .optional()
      .describe('an existing version of the template in use; a rollback names the previous one'),
    ssmParameter: z
      .string()
      .regex(/^\/[\w./-]+$/, 'the full name of an SSM parameter, starting with /')
      .optional()
      .describe('a parameter whose value is an AMI id'),
  })
  .refine((target) => Object.values(target).filter((value) => value !== undefined).length === 1, {
    error: 'exactly one of amiId, releaseVersion, launchTemplateVersion, ssmParameter',
  });

const updateConfigSchema = z
  .strictObject({
    maxUnavailable: z.int().min(1).max(100).optional().describe('nodes upgraded in parallel'),
    maxUnavailablePercentage: z.int().min(1).max(100).optional().describe('the same, in percent of the outdated nodes'),
    updateStrategy: z.enum(['DEFAULT', 'MINIMAL']).optional().describe('MINIMAL adds no capacity'),
    surge: z.int().min(1).max(1000).optional().describe('number of extra nodes, instead of the computed one'),
  })
  .refine((config) => config.maxUnavailable === undefined || config.maxUnavailablePercentage === undefined, {
    error: 'either maxUnavailable or maxUnavailablePercentage',
  });

const podPolicy = z.enum(['evict', 'refuse']).default('evict');

/**
 * The execution input: the same from the console, the CLI, the API and a schedule. Strict; every limit is checked before
 * anything is touched.
 */
export const inputSchema = z
  .strictObject({
    clusterName: z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'the name of an EKS cluster'),
    nodegroupName: z.string().min(1).max(63).optional().describe('an EKS managed node group'),
    autoScalingGroupName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('the Auto Scaling group of self-managed nodes'),
    engine: z.enum(['workflow', 'eks']).optional(),
    target: targetSchema.optional(),
    amiType: z.enum(AMI_TYPES).optional().describe('only when it cannot be derived from the AMI in use'),
    updateConfig: updateConfigSchema.default({}),
    force: z.boolean().default(false),
    drainTimeoutSeconds: seconds(86_400).min(1).default(900),
    cordonWaitSeconds: seconds(3_600).default(60),
    nodeReadyTimeoutSeconds: seconds(14_400).min(1).default(900),
    alarms: z.array(z.string().min(1).max(255)).max(100).default([]),
    canary: z.strictObject({ nodes: z.int().min(1), bakeSeconds: seconds(172_800) }).optional(),
    failurePolicy: z.enum(['finish', 'halt']).default('finish'),
    pods: z
      .strictObject({
        unmanaged: podPolicy.describe('pods without a controller'),
        localStorage: podPolicy.describe('pods with an emptyDir volume'),
      })
      .prefault({}),
    dryRun: z.boolean().default(false),
  })
  .refine((input) => (input.nodegroupName === undefined) !== (input.autoScalingGroupName === undefined), {
    error: 'exactly one of nodegroupName (EKS managed node group) and autoScalingGroupName (self-managed nodes)',
    // Without it the sentence would only come once everything else is right.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  });

export type UpgradeInput = z.infer<typeof inputSchema>;

/** What the wrong value was, short enough for a sentence. */
function given(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);

/** Names of the keys the schema allows at a path of the input. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  const json = z.toJSONSchema(inputSchema, { io: 'input' }) as { properties?: Record<string, unknown> };
  const schema = path.reduce<{ properties?: Record<string, unknown> } | undefined>(
    (inner, key) => inner?.properties?.[String(key)] as { properties?: Record<string, unknown> } | undefined,
    json,
  );
  return Object.keys(schema?.properties ?? {});
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What a fault says should have been there. */
function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? issue.expected;
    case 'invalid_value': {
      const near = nearest(String(value), issue.values.map(String));
      return `one of ${issue.values.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    }
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at least ${issue.minimum} long`
        : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at most ${issue.maximum} long`
        : `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** One sentence for one fault: the key, what was expected, what was given. */
function sentence(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = knownKeys(issue.path);
    return issue.keys
      .map((key) => {
        const known = nearest(key, keys);
        const hint = known === undefined ? `the known keys are ${keys.join(', ')}` : `did you mean "${known}"?`;
        return `unknown key "${[...issue.path.map(String), key].join('.')}": ${hint}`;
      })
      .join('; ');
  }
  const value = at(input, issue.path);
  const subject = issue.path.length === 0 ? 'the input' : `"${issue.path.map(String).join('.')}"`;
  const verb = issue.code === 'custom' ? 'must have' : 'must be';
  return `${subject} ${verb} ${expectation(issue, value)}, but is ${given(value)}`;
}

/**
 * Check an execution input and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export function parseInput(value: unknown): UpgradeInput {
  const parsed = inputSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`${parsed.error.issues.map((issue) => sentence(issue, value)).join('; ')}`);
}
