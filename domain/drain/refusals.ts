/** Who refuses, as the API server names them. */
const webhookIn = (message: string) => /\badmission webhook "([^"]*)"/.exec(message)?.[1];
const policyIn = (message: string) => /\bValidatingAdmissionPolicy '([^']*)'/.exec(message)?.[1];

/** What to do about a request that an admission webhook or policy, or the API server itself, refuses. */
export function adviceForRefusal(what: 'eviction' | 'deletion', message: string): string {
  const webhook = webhookIn(message);
  const policy = policyIn(message);
  const force = what === 'eviction' ? ', or start with "force": true, which deletes the pod when its time is over' : '';
  if (webhook !== undefined) {
    return `meet what the webhook asks for, exclude the pod from the webhook configuration that contains ${webhook}${force}`;
  }
  if (policy !== undefined) {
    return `meet what the policy asks for, exclude the pod from ValidatingAdmissionPolicy ${policy}${force}`;
  }
  return `act on what the API server says, or delete the pod yourself${force}`;
}
