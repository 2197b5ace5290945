import { CHECK_DISRUPTION_CONTROLLER } from './budget-advice.ts';

/** The words in which the API server says that it has too much to do, and nothing about the pod. */
const OVERLOAD = /^too many requests\b/i;

/** True when the answer that puts an eviction off says nothing about the pod. */
export const saysNothing = (message: string): boolean => message === '' || OVERLOAD.test(message);

/** What defers an eviction, by the words of the answer, and what helps. */
const DEFERRALS: readonly (readonly [words: RegExp, advice: string])[] = [
  [
    /cannot create resource "pods\/eviction"/,
    'bind the ClusterRole of kubernetes/rbac.yaml to the group of the access entry again',
  ],
  [/webhook/i, 'mend the admission webhook that these words name, or set its failurePolicy to Ignore'],
  [/still being processed|evictions not confirmed/i, CHECK_DISRUPTION_CONTROLLER],
  [/being terminated|NamespaceTerminating/i, 'wait until the namespace is gone, or find out which finalizer keeps it'],
  [
    /the object has been modified|request timed out|did not complete/i,
    'start the upgrade again if this lasts: the API server could not decide in time',
  ],
];

/** What to do about an eviction that is put off in these words. */
export const adviceForDeferral = (message: string): string =>
  DEFERRALS.find(([words]) => words.test(message))?.[1] ??
  'do what these words ask for: a webhook or an operator of the workload decides when the pod may leave';
