import * as z from 'zod';
import { actorSchema } from './scenario/actor.ts';
import { clusterSchema } from './scenario/cluster.ts';
import { contradictionsOf } from './scenario/contradictions.ts';
import { eventRuleSchema } from './scenario/event-rule.ts';
import { faultSchema } from './scenario/fault.ts';
import { imageSchema } from './scenario/image.ts';
import { timingsSchema } from './scenario/timings.ts';
import { seconds } from './scenario/values.ts';

const scenarioShape = z.strictObject({
  name: z.string().default('unnamed'),
  description: z.string().default(''),
  seed: z.int().default(1),
  startsAt: z.iso
    .datetime('an instant in UTC such as 2026-01-04T03:00:00Z')
    .default('2026-01-04T03:00:00Z')
    .describe('simulated start; a Sunday, 3 a.m.'),
  region: z.string().default('eu-west-1'),
  accountId: z
    .string()
    .regex(/^\d{12}$/, 'an account id of 12 digits')
    .default('111122223333')
    .describe('the account of the AWS documentation examples'),
  clusters: z.array(clusterSchema).min(1),
  images: z.array(imageSchema).default([]),
  parameters: z.record(z.string(), z.string()).default({}).describe('further SSM parameters'),
  alarms: z
    .array(
      z.strictObject({
        name: z.string(),
        state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).default('OK'),
        changes: z
          .array(z.strictObject({ atSeconds: seconds, state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']) }))
          .default([]),
      }),
    )
    .default([]),
  timings: timingsSchema.prefault({}),
  faults: z.array(faultSchema).default([]),
  rules: z.array(eventRuleSchema).default([]).describe('of EventBridge, besides those of the stack'),
  actors: z.array(actorSchema).default([]).describe('what others do meanwhile'),
});

/** A whole sandbox: one region, its clusters and what will go wrong. Unknown keys are errors, and so is what cannot be. */
export const scenarioSchema = scenarioShape.superRefine((scenario, context) => {
  for (const { path, message } of contradictionsOf(scenario))
    context.addIssue({ code: 'custom', path: [...path], message });
});

export type { Actor } from './scenario/actor.ts';
export type { ScenarioCluster } from './scenario/cluster.ts';
export type { Fault } from './scenario/fault.ts';
export type { Group } from './scenario/group.ts';
export type { Image } from './scenario/image.ts';
export type { OtherNodes } from './scenario/other-nodes.ts';
export type { Timings } from './scenario/timings.ts';
export type { Workload } from './scenario/workload.ts';
export type Scenario = z.infer<typeof scenarioShape>;
export type ScenarioInput = z.input<typeof scenarioShape>;
