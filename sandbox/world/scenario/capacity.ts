import * as z from 'zod';

/** What a machine of a scenario has room for. */
export const capacitySchema = z.strictObject({
  cpu: z.string().default('4'),
  memory: z.string().default('16Gi'),
  pods: z.int().default(58),
});
