import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';
import { PODS } from '../api/built-in-resources.ts';
import type { AdmitEviction } from '../api/eviction-admission.ts';
import { ApiFailure, failures } from '../api/failures.ts';
import type { Pod } from '../kinds/pod.ts';
import { compileSelector } from '../selector-match.ts';

type Webhook = Extract<Fault, { kind: 'evictionWebhook' }>;
type Policy = Extract<Fault, { kind: 'evictionPolicy' }>;

const POLICY_CODES: Readonly<Record<Policy['reason'], number>> = {
  Invalid: 422,
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

/**
 * Refuse as a webhook denies: whatever it gives, with its words behind the name.
 *
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/errors/statuserror.go
 */
function denial({ name, code = 400, reason, message }: Webhook): ApiFailure {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = message || reason;
  return new ApiFailure({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: why === undefined ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`,
    ...(reason === undefined ? {} : { reason }),
    code,
  });
}

/** Refuse because a webhook gave no answer. */
function callFailure({ name, timeoutSeconds, answer }: Webhook): ApiFailure {
  const why =
    answer === 'hangs' ? 'context deadline exceeded' : 'dial tcp 10.100.0.99:443: connect: connection refused';
  const url = `https://${name}:443/validate?timeout=${timeoutSeconds}s`;
  return failures.internal(
    `failed calling webhook ${JSON.stringify(name)}: failed to call webhook: Post ${JSON.stringify(url)}: ${why}`,
  );
}

async function callWebhook(webhook: Webhook, isDryRun: boolean, clock: Pick<SandboxClock, 'sleep'>): Promise<void> {
  if (isDryRun && webhook.onDryRun === 'admits') return;
  if (webhook.answer === 'denies') throw denial(webhook);
  if (webhook.answer === 'hangs') await clock.sleep(webhook.timeoutSeconds);
  throw callFailure(webhook);
}

/**
 * Refuse as a ValidatingAdmissionPolicy does.
 *
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/validating/dispatcher.go
 */
function policyFailure({ name, binding = name, message, reason }: Policy, pod: Pod): ApiFailure {
  const why = `ValidatingAdmissionPolicy '${name}' with binding '${binding}' denied request: ${message}`;
  const causes = [{ message: why }];
  const { status } = failures.forbidden(PODS, pod.metadata.name, why, causes);
  return new ApiFailure({ ...status, reason, code: POLICY_CODES[reason] });
}

/**
 * Create the webhooks and policies of a scenario that decide about evictions; spells count from this call.
 *
 * Policies decide first, then webhooks in the order of the scenario.
 *
 * @returns `undefined` when there is none
 */
export function createEvictionAdmission(
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now' | 'sleep'>,
): AdmitEviction | undefined {
  const policies = faults.filter((fault): fault is Policy => fault.kind === 'evictionPolicy');
  const webhooks = faults.filter((fault): fault is Webhook => fault.kind === 'evictionWebhook');
  if (policies.length === 0 && webhooks.length === 0) return undefined;
  const startedAt = clock.now();
  const concerns = (pod: Pod) => (each: Policy | Webhook) =>
    lastsAt(each, (clock.now() - startedAt) / 1000) &&
    (each.namespace === undefined || each.namespace === pod.metadata.namespace) &&
    compileSelector({ matchLabels: each.matchLabels })(pod.metadata.labels);

  return async (pod, isDryRun) => {
    const policy = policies.find(concerns(pod));
    if (policy !== undefined) throw policyFailure(policy, pod);
    for (const webhook of webhooks.filter(concerns(pod))) await callWebhook(webhook, isDryRun, clock);
  };
}
