import { ADMIN_TOKEN, createSandbox, type Sandbox } from '../../sandbox.ts';
import type { RequestHandler } from '../../server/http.ts';
import { type Served, serveHttp } from '../../server/serve.ts';
import { scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

const AMI = 'ami-0aaaaaaaaaaaaaaa1';

const SCENARIO = scenarioSchema.parse({
  images: [
    { id: AMI, name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251120', releaseVersion: '1.33.5-20251120' },
  ],
  clusters: [
    {
      name: 'shop',
      groups: [{ name: 'workers', zones: ['eu-west-1a'], minSize: 1, maxSize: 2, desiredCapacity: 1, amiId: AMI }],
    },
  ],
});

/** A small sandbox whose two front ends listen on loopback, keeping no log of requests. */
export interface ServedWorld {
  readonly sandbox: Sandbox;
  readonly awsPort: number;
  readonly kubernetesPort: number;
  close(): Promise<void>;
}

/** Serve a sandbox of one cluster and one node. */
export async function serveWorld(): Promise<ServedWorld> {
  const clock = createVirtualClock(Date.parse(SCENARIO.startsAt));
  const sandbox = createSandbox({ scenario: SCENARIO, clock, keptRequests: 0 });
  const served: Served[] = [
    await serveHttp(sandbox.aws),
    await serveHttp(sandbox.kubernetes.get('shop') as RequestHandler),
  ];
  const [awsPort = 0, kubernetesPort = 0] = served.map(({ port }) => port);
  return {
    sandbox,
    awsPort,
    kubernetesPort,
    close: async () => {
      await Promise.all(served.map((each) => each.close()));
    },
  };
}

/** Headers of an administrator of the cluster. */
export const AS_ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };

/** Headers of a signed request for a service. */
export const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIAOPERATOR/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
