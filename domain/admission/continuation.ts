import * as z from 'zod';
import { launchTemplateSchema } from '../nodegroup/launch-template.ts';
import { executionNameOf } from '../nodegroup/node-ownership.ts';
import { upgradeSchema, workflowRunSchema } from '../state.ts';
import { checksumOf } from '../text.ts';

const MARK = '-continued-';
const MOST_CHARACTERS = 80;

/** Name of the execution that continues another one: its name and a checksum, at most 80 characters, always the same. */
export function continuationName(executionArn: string): string {
  const [base = ''] = executionNameOf(executionArn).split(MARK);
  const end = `${MARK}${checksumOf(executionArn).padStart(8, '0')}`;
  return `${base.slice(0, MOST_CHARACTERS - end.length)}${end}`;
}

/** State that an execution hands over. */
export const continuedSchema = z.strictObject({
  plan: z.looseObject({ run: workflowRunSchema }),
  lock: z.looseObject({}),
  launchTemplate: launchTemplateSchema,
  upgrade: upgradeSchema,
});
export type Continued = z.infer<typeof continuedSchema>;

/** The state with which the next execution begins: nothing of its history is used up. */
export const beginAnew = (continued: Continued): Continued => ({
  ...continued,
  upgrade: { ...continued.upgrade, status: 'upgrading', eventCount: 0, adopted: [], ended: [], waitSeconds: 0 },
});
