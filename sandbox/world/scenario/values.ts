import * as z from 'zod';

/** Seconds, from zero on; of an instant, since the sandbox started. */
export const seconds = z.number().min(0);
/** Labels or tags, by their keys. */
export const labels = z.record(z.string(), z.string());
/** What a taint does to pods that do not tolerate it. */
export const effect = z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);
/** A number, or a percentage as text. */
export const intOrPercentage = z.union([z.int().min(0), z.string().regex(/^\d+%$/)], {
  error: 'a whole number, or a percentage such as "25%"',
});
