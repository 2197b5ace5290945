import * as z from 'zod';
import { checkKey, checkLabelValue } from '../../kubernetes/api/validate-metadata.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';

/** Seconds, from zero on; of an instant, since the sandbox started. */
export const seconds = z.number().min(0);
/** What a taint does to pods that do not tolerate it. */
export const effect = z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);
/** A number, or a percentage as text. */
export const intOrPercentage = z.union([z.int().min(0), z.string().regex(/^\d+%$/)], {
  error: 'a whole number, or a percentage such as "25%"',
});

/** Refuse a text as the API server does. */
const asKubernetes = (check: typeof checkKey) =>
  z.string().superRefine((text, context) => {
    for (const { message } of check('', text)) context.addIssue({ code: 'custom', message });
  });

/** Key of a label, an annotation or a taint. */
export const qualifiedName = asKubernetes(checkKey);
/** Value of a label or a taint. */
export const labelValue = asKubernetes(checkLabelValue);

const refuseKeys = (given: object, context: z.RefinementCtx) => {
  for (const key of Object.keys(given))
    for (const { message } of checkKey('', key)) context.addIssue({ code: 'custom', path: [key], message });
};

/** Labels by their keys. */
export const labels = z.record(z.string(), labelValue).superRefine(refuseKeys);

/** Annotations by their keys; null removes one. */
export const annotationChanges = z.record(z.string(), z.string().nullable()).superRefine(refuseKeys);

/** Name of an object in a namespace, or of the namespace. */
export const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: 'lower case letters, digits, - and ., with a letter or digit at both ends',
  });

/** Tags of AWS by their keys. */
export const awsTags = z.record(z.string().min(1).max(128), z.string().max(256)).superRefine((given, context) => {
  for (const key of Object.keys(given))
    if (key.startsWith('aws:'))
      context.addIssue({ code: 'custom', path: [key], message: 'Tag keys that begin with aws: are reserved for AWS' });
});

/** A quantity of Kubernetes. */
export const quantity = z.string().superRefine((text, context) => {
  try {
    parseQuantity(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
