import { AuthorizationV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/AuthorizationV1Api.js';
import { CoordinationV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/CoordinationV1Api.js';
import { CoreV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/CoreV1Api.js';
import { PolicyV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/PolicyV1Api.js';
import { StorageV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/StorageV1Api.js';
import { VersionApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/VersionApi.js';
import type { Configuration } from '@kubernetes/client-node/dist/gen/configuration.js';
import { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';

/** The factories need absolute URLs; the transport has the address of the cluster. */
const ANY_HOST = 'https://kubernetes';

/** client-node's way to describe requests, without its way to send them. */
const REQUESTS_ONLY: Configuration = {
  baseServer: new ServerConfiguration(ANY_HOST, {}),
  httpApi: {
    send: () => {
      throw new Error('requests travel over the transport');
    },
  },
  middleware: [],
  authMethods: {},
};

export const core = new CoreV1ApiRequestFactory(REQUESTS_ONLY);
export const policy = new PolicyV1ApiRequestFactory(REQUESTS_ONLY);
export const storage = new StorageV1ApiRequestFactory(REQUESTS_ONLY);
export const coordination = new CoordinationV1ApiRequestFactory(REQUESTS_ONLY);
export const authorization = new AuthorizationV1ApiRequestFactory(REQUESTS_ONLY);
export const version = new VersionApiRequestFactory(REQUESTS_ONLY);

/** Body of a deletion that is refused when the object is another one, or has changed. */
export const deleteOptions = (preconditions: { uid: string } | { resourceVersion: string }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });
