/*
 * Words of this folder:
 *
 * case          a world and everything that happens to it, as plain JSON: the same case gives the same course, byte for byte
 * profile       what kind of cases a seed is made into: calm ones, ones with faults, ones with other people …
 * seam          a place between the workflow's functions and the world: a call of a function, a request to AWS, one to Kubernetes
 * strike        what happens to one call or request at a seam
 * intervention  what an operator does to executions and orders at an instant
 * actor, fault  those of the sandbox's scenarios
 * invariant     what must hold in every world
 * outcome       what became of a case: invariants that broke, how its runs ended, and the story
 */

import { type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';
import * as z from 'zod';

const seconds = z.number().min(0);

/** Said as the reader of scenario files says it. */
const scenario = z.custom<ScenarioInput>().superRefine((given, context) => {
  const issues = scenarioSchema.safeParse(given).error?.issues ?? [];
  for (const { path, message } of issues) context.addIssue({ code: 'custom', path, message });
});

const runSchema = z.strictObject({
  atSeconds: seconds,
  machine: z.enum(['nodegroup', 'cluster']),
  input: z.record(z.string(), z.unknown()).describe('`nodes` may name #1, #2, …: those with which the group begins'),
  name: z.string().optional().describe('of the execution; default run-1, run-2, …'),
});

/** What may happen to one call of a function, or one of its requests. */
export const STRIKE_MODES = [
  // It never takes effect, and the caller is told so or sees its connection break.
  'failsBefore',
  // It takes effect, and the caller sees its connection break.
  'answerLost',
  // It takes effect after so many seconds.
  'late',
  'twice',
  // The function's process ends before it, or after it took effect: its later requests are never sent.
  'diesBefore',
  'diesAfter',
  // As diesAfter, but Lambda says so only when the time of the function is over.
  'timesOut',
  // The runs are stopped; the function works on.
  'stopExecution',
] as const;
export type StrikeMode = (typeof STRIKE_MODES)[number];

const strikeSchema = z.strictObject({
  seam: z.enum(['invoke', 'request', 'aws', 'kubernetes']).describe('request: to AWS or to Kubernetes'),
  function: z.string().optional().describe('key of the function concerned; default: every one'),
  match: z
    .string()
    .optional()
    .describe('how the action begins: `TerminateInstance`, or `PATCH nodes` for Kubernetes; default: every one'),
  number: z.int().min(1).describe('the n-th of those that match'),
  mode: z.enum(STRIKE_MODES),
  seconds: z.number().positive().optional().describe('late: by how many; timesOut: until Lambda says so'),
});

export const INTERVENTION_KINDS = [
  'pause',
  'resume',
  'cancel',
  'cancelNow',
  'stopExecution',
  'abortNodeExecution',
  'redriveNodeExecution',
  'startNodeExecutionTwice',
  // Somebody deletes the Node in hand, and its kubelet is restarted.
  'registerNodeAgain',
] as const;

const interventionSchema = z
  .strictObject({
    atSeconds: seconds.optional(),
    atRequest: z.int().min(1).optional().describe('instead: before the n-th request of all functions'),
    kind: z.enum(INTERVENTION_KINDS),
    group: z.string().optional().describe('Auto Scaling group whose run is meant; default: the first one'),
  })
  .refine(({ atSeconds, atRequest }) => (atSeconds === undefined) !== (atRequest === undefined), {
    error: 'either atSeconds or atRequest',
  });

/** A world, and everything that happens to it. */
export const caseSchema = z.strictObject({
  seed: z.int(),
  profile: z.string(),
  scenario,
  runs: z.array(runSchema).min(1),
  strikes: z.array(strikeSchema).default([]),
  interventions: z.array(interventionSchema).default([]),
  lambdaClockBehindSeconds: z.number().min(-300).max(300).default(0),
  healthyAfterSeconds: seconds.describe('from then on the world is healthy'),
});

export type SimulationCase = z.infer<typeof caseSchema>;
export type CaseRun = z.infer<typeof runSchema>;
export type Strike = z.infer<typeof strikeSchema>;
export type Intervention = z.infer<typeof interventionSchema>;
