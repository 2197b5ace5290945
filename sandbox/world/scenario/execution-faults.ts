import * as z from 'zod';
import { endsAfterItBegins, spell } from './spell.ts';
import { seconds } from './values.ts';

const execution = {
  atSeconds: seconds,
  stateMachine: z.string().min(1).describe('name of the state machine, or how it ends, e.g. upgrade-nodegroup'),
};

/** What others do to executions, and which events about them are lost. */
export const executionFaults = [
  z.strictObject({
    kind: z.literal('stopExecution').describe('somebody stops executions'),
    ...execution,
    name: z.string().optional().describe('absent: every one of the machine that runs at that instant'),
    error: z.string().max(256).optional(),
    cause: z.string().max(32_768).optional(),
  }),
  z.strictObject({
    kind: z.literal('redriveExecution').describe('somebody redrives an execution; nothing happens where AWS refuses'),
    ...execution,
    name: z.string(),
  }),
  z
    .strictObject({
      kind: z.literal('staleExecutions').describe('DescribeExecution and ListExecutions answer as of some seconds ago'),
      secondsAgo: z.number().positive(),
      ...spell,
    })
    .refine(...endsAfterItBegins),
  z
    .strictObject({
      kind: z.literal('loseEvents').describe('status changes in this time never reach EventBridge'),
      ...spell,
    })
    .refine(...endsAfterItBegins),
  z
    .strictObject({
      kind: z.literal('iamDenies').describe("the policy of the workflow's role lacks an action"),
      action: z
        .string()
        .regex(
          /^(autoscaling|cloudwatch|ec2|eks|ssm|states|sts):[A-Z][A-Za-z]+$/,
          'expected e.g. states:StartExecution',
        )
        .describe('e.g. states:StartExecution'),
      ...spell,
    })
    .refine(...endsAfterItBegins),
] as const;
