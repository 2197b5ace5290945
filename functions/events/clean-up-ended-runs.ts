import { toHandler } from '../../clients/lambda/handler.ts';
import { defineStep } from '../../clients/lambda/step.ts';
import { janitorEventSchema } from '../../domain/nodegroup/ended-run.ts';
import { tidyEndedRuns } from '../../operations/clean-up/janitor.ts';

/** Clean up after a run that was stopped, timed out or failed: at the event of its end, and every five minutes. */
export const cleanUpEndedRuns = defineStep(janitorEventSchema, async (event, deps) => tidyEndedRuns(deps, event));

export const handler = toHandler(cleanUpEndedRuns);
