import { awsError } from '../../aws-error.ts';
import type { CallContext } from '../../aws-service.ts';
import { boolean, type InputOf, type Members } from '../../input-shapes.ts';
import { type Action, action } from '../../service-from-actions.ts';

/** Define an EC2 action: each takes `DryRun`, which checks the request and then refuses to carry it out. */
export const ec2Action = <M extends Members>(
  input: M,
  run: (input: InputOf<M>, context: CallContext) => Record<string, unknown>,
): Action =>
  action({ ...input, DryRun: boolean }, (given, context) => {
    if ((given as { DryRun?: boolean }).DryRun)
      throw awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 });
    return run(given as unknown as InputOf<M>, context);
  });
