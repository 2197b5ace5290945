/** The ways in which a client reaches a sandbox: over a loopback socket, or by a function call. */
export { connectionLost } from './aws/aws-error.ts';
export { createLoopbackCertificate, type LoopbackCertificate } from './server/certificate.ts';
export type { RequestHandler, SandboxRequest, SandboxResponse } from './server/http.ts';
export { kubernetesTransport, sdkRequestHandler } from './server/in-process.ts';
export { type Served, serveHttp, serveHttps } from './server/serve.ts';
