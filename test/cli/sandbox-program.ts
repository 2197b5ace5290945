import { OPERATOR_CREDENTIALS } from 'eks-sandbox';
import { kubernetesTransport, type RequestHandler, sdkRequestHandler } from 'eks-sandbox/server';
import { nodeStateMachineArn } from '../../cli/embedded/state-machines.ts';
import type { VirtualSandbox } from '../../cli/embedded/virtual-sandbox.ts';
import type { Reader } from '../../cli/reader.ts';
import { connectExecutions } from '../../clients/aws/executions.ts';
import { createDeps } from '../../clients/lambda/deps.ts';
import { run } from './run.ts';

const REGION = 'eu-west-1';

/** AWS and the clusters, as the operator reaches them. */
function readerOf(world: VirtualSandbox): Reader {
  const { clock, kubernetes, aws } = world;
  const deps = createDeps({
    region: REGION,
    credentials: OPERATOR_CREDENTIALS,
    endpoint: 'https://aws.invalid',
    clock: { now: () => new Date(clock.now()), sleep: clock.sleep },
    random: () => 0.5,
    requestHandler: sdkRequestHandler(aws),
    kubernetesTransport: ({ name }) => kubernetesTransport(kubernetes.get(name) as RequestHandler, clock),
    retryDelayMilliseconds: () => 0,
    nodeStateMachineArn: nodeStateMachineArn(world),
  });
  return { deps, nodeExecutions: async () => deps.nodeExecutions, listClusters: async () => [...kubernetes.keys()] };
}

/** The program against a sandbox. The time of the sandbox passes `pace` times as fast as the program waits. */
export function programOf(world: VirtualSandbox, pace = 1) {
  const executions = connectExecutions({
    region: REGION,
    credentials: OPERATOR_CREDENTIALS,
    endpoint: 'https://aws.invalid',
    requestHandler: sdkRequestHandler(world.aws),
  });
  const reader = readerOf(world);
  let number = 0;
  return (...argv: string[]) => {
    number += 1;
    const suffix = String(number).padStart(4, '0');
    return run(argv, {
      executions,
      reader,
      sleep: (seconds) => world.clock.advance(seconds * pace),
      suffix: () => suffix,
    });
  };
}
