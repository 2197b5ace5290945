import { createLoopbackCertificate, type RequestHandler, type Served, serveHttp, serveHttps } from 'eks-sandbox/server';

/** A handler that is set later: its address has to be known before the sandbox can be created. */
function deferred() {
  let handle: RequestHandler | undefined;
  const handler: RequestHandler = async (request) =>
    handle === undefined ? { status: 503, headers: {}, body: 'starting' } : handle(request);
  return {
    handler,
    become: (real: RequestHandler) => {
      handle = real;
    },
  };
}

/** Where to listen. A port of 0, or an absent one, is any free port. */
export interface ListenersOptions {
  readonly awsPort?: number;
  /** Of the first cluster; the others take the ports after it. */
  readonly kubernetesPort?: number;
  /** Names of the clusters that are served. */
  readonly clusterNames: readonly string[];
}

/**
 * Listen on loopback for AWS over HTTP and for each cluster over HTTPS. Handlers are set later.
 *
 * @throws Error with code EADDRINUSE when a port that was asked for is taken
 */
export async function listen(options: ListenersOptions) {
  const certificate = await createLoopbackCertificate(new Date());
  const served: Served[] = [];
  try {
    const aws = deferred();
    served.push(await serveHttp(aws.handler, { port: options.awsPort ?? 0 }));
    const clusters = [];
    for (const [index, name] of options.clusterNames.entries()) {
      const api = deferred();
      const port = options.kubernetesPort ? options.kubernetesPort + index : 0;
      const listening = await serveHttps(api.handler, { port, certificate });
      served.push(listening);
      clusters.push({ name, server: `https://127.0.0.1:${listening.port}`, become: api.become });
    }
    const certificateAuthority = Buffer.from(certificate.certificateAuthority).toString('base64');
    const awsHost = `127.0.0.1:${served[0]?.port}`;
    return { served, aws, awsHost, clusters, certificateAuthority };
  } catch (error) {
    await Promise.all(served.map((each) => each.close()));
    throw error;
  }
}
