import * as z from 'zod';

/** Which group a run was about, as its input says. */
export interface EndedRun {
  readonly executionArn: string;
  readonly clusterName: string;
  readonly autoScalingGroupName?: string | undefined;
  readonly nodegroupName?: string | undefined;
}

const runSchema = z.looseObject({
  clusterName: z.string(),
  autoScalingGroupName: z.string().optional(),
  nodegroupName: z.string().optional(),
  dryRun: z.boolean().optional(),
});
/** An execution whose events were used up hands its plan over to the next one. */
const continuedSchema = z.looseObject({
  continued: z.looseObject({
    plan: z.looseObject({ run: z.looseObject({ ...runSchema.shape, executionArn: z.string() }) }),
  }),
});

/**
 * Event of EventBridge: an execution has ended, or the schedule. A large input is left out of it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export const janitorEventSchema = z.looseObject({
  detail: z
    .looseObject({
      executionArn: z.string().optional(),
      status: z.string().optional(),
      input: z.string().nullish(),
    })
    .optional(),
});
export type JanitorEvent = z.infer<typeof janitorEventSchema>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Read from an execution's input which group its run was about; `undefined` for a dry run, and for anything else. */
export function groupOfInput(executionArn: string, input: string | null | undefined): EndedRun | undefined {
  const value = parse(input ?? '');
  const continued = continuedSchema.safeParse(value).data?.continued.plan.run;
  const run = continued ?? runSchema.safeParse(value).data;
  if (run === undefined || run.dryRun === true) return undefined;
  const { clusterName, autoScalingGroupName, nodegroupName } = run;
  return { executionArn: continued?.executionArn ?? executionArn, clusterName, autoScalingGroupName, nodegroupName };
}

const ENDS: readonly unknown[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** The run whose end an event tells of; `undefined` for the schedule, for any other event, and where the input is missing. */
export const runOfEvent = ({ detail }: JanitorEvent): EndedRun | undefined =>
  detail?.executionArn === undefined || !ENDS.includes(detail.status)
    ? undefined
    : groupOfInput(detail.executionArn, detail.input);

/** True for the event of the schedule. */
export const isScheduled = ({ detail }: JanitorEvent): boolean => detail?.executionArn === undefined;
