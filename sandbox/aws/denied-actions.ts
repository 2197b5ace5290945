import type { SandboxClock } from '../world/clock.ts';
import { lastsAt } from '../world/scenario/spell.ts';
import type { Fault } from '../world/scenario.ts';
import { awsError } from './aws-error.ts';
import type { AwsService, CallContext } from './aws-service.ts';
import { identityOf } from './sts/state.ts';

/** Access keys of a role's session begin so. */
const SESSION_KEY = 'ASIA';

/** Code and status of a refusal, by the service's protocol. */
const REFUSALS = {
  'ec2-query': ['UnauthorizedOperation', 403],
  'aws-query': ['AccessDenied', 403],
  'aws-json': ['AccessDeniedException', 400],
  'rest-json': ['AccessDeniedException', 403],
} as const;

const resourceOf = ({ stateMachineArn, executionArn }: Record<string, unknown>): string =>
  String(stateMachineArn ?? executionArn ?? '*');

/** The refusal of a caller whose policy lacks an action, in the words of IAM. */
function refusal(service: AwsService, right: string, input: Record<string, unknown>, context: CallContext) {
  const [code, status] = REFUSALS[service.api?.protocol ?? 'aws-json'];
  const { arn } = identityOf(context);
  const message = `User: ${arn} is not authorized to perform: ${right} on resource: ${resourceOf(input)} because no identity-based policy allows the ${right} action`;
  return awsError(code, message, { status });
}

/**
 * Let services refuse a role's session what a scenario takes from its policy (`iamDenies`); spells count from this call.
 *
 * @returns a wrapper for services
 */
export function createDenials(
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): (service: AwsService) => AwsService {
  const startedAt = clock.now();
  const denials = faults.filter((fault) => fault.kind === 'iamDenies');
  const isDenied = (right: string) => {
    const seconds = (clock.now() - startedAt) / 1000;
    return denials.some((denial) => denial.action === right && lastsAt(denial, seconds));
  };
  return (service) =>
    denials.length === 0
      ? service
      : {
          ...service,
          dispatch(action, input, context) {
            const right = `${service.name}:${action}`;
            if (context.caller.startsWith(SESSION_KEY) && isDenied(right))
              throw refusal(service, right, input, context);
            return service.dispatch(action, input, context);
          },
        };
}
