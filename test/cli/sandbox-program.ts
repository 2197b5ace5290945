import { OPERATOR_CREDENTIALS } from 'eks-sandbox';
import { sdkRequestHandler } from 'eks-sandbox/server';
import type { VirtualSandbox } from '../../cli/embedded/virtual-sandbox.ts';
import { connectExecutions } from '../../clients/aws/executions.ts';
import { run } from './run.ts';

/** The program against a sandbox. The time of the sandbox passes `pace` times as fast as the program waits. */
export function programOf(world: VirtualSandbox, pace = 1) {
  const executions = connectExecutions({
    region: 'eu-west-1',
    credentials: OPERATOR_CREDENTIALS,
    endpoint: 'https://aws.invalid',
    requestHandler: sdkRequestHandler(world.aws),
  });
  let number = 0;
  return (...argv: string[]) => {
    number += 1;
    const suffix = String(number).padStart(4, '0');
    return run(argv, { executions, sleep: (seconds) => world.clock.advance(seconds * pace), suffix: () => suffix });
  };
}
