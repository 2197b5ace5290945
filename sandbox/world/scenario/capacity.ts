import * as z from 'zod';
import { quantity } from './values.ts';

/** What a machine of a scenario has room for. */
export const capacitySchema = z.strictObject({
  cpu: quantity.default('4'),
  memory: quantity.default('16Gi'),
  pods: z.int().min(1).default(58),
});
