import { WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { scenarioSchema } from 'eks-sandbox/scenario';
import { sdkRequestHandler } from 'eks-sandbox/server';
import { createVirtualSandbox } from '../../../cli/embedded/virtual-sandbox.ts';
import { type Side, WORLD } from './side.ts';

const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';

/** Start the simulated AWS, called directly and on a virtual clock. */
export async function startSandbox(): Promise<Side> {
  const { region, group, zones, sizes, instanceType, alarm, cluster, nodegroup, parameter } = WORLD;
  const launching = { zones: [...zones], instanceType, amiId: OLD_AMI };
  const scenario = scenarioSchema.parse({
    region,
    clusters: [
      {
        name: cluster,
        groups: [
          { name: group, ...launching, ...sizes, launchTemplateVersion: '2' },
          {
            name: nodegroup,
            ...launching,
            minSize: 1,
            maxSize: 3,
            desiredCapacity: 2,
            managed: { nodegroupName: nodegroup, maxUnavailable: 1 },
          },
        ],
      },
    ],
    images: [OLD_AMI, NEW_AMI].map((id) => ({ id, name: id, isRecommended: id === NEW_AMI })),
    alarms: [{ name: alarm, state: 'OK' }],
    parameters: { [parameter]: 'value' },
  });
  const { deps, aws, clock } = await createVirtualSandbox(scenario);
  return {
    deps,
    config: {
      region,
      endpoint: 'http://aws.sandbox.invalid',
      credentials: WORKFLOW_CREDENTIALS,
      requestHandler: sdkRequestHandler(aws) as never,
    },
    letPass: (seconds) => clock.advance(seconds),
  };
}
