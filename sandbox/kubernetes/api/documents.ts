import type { SandboxResponse } from '../../server/http.ts';
import type { ObjectStore } from '../store.ts';
import { parseAccept } from './accept.ts';
import { catalogOf } from './catalog.ts';
import {
  aggregatedContentType,
  aggregatedDiscovery,
  aggregatedVersion,
  apiGroup,
  coreVersions,
  groupList,
  resourceList,
} from './discovery.ts';
import { failures } from './failures.ts';
import { groupPath, openApiDocument, openApiIndex, swaggerDocument } from './openapi.ts';
import { encodeSwagger } from './protobuf/swagger.ts';
import { jsonResponse, textResponse } from './responses.ts';

/** Serves what an API server says about itself: its resources and their types. */
export interface Documents {
  openApi(path: string, accept: string | undefined): Promise<SandboxResponse>;
  /** @returns `undefined` for a path that is not one of discovery */
  discover(path: string, accept: string | undefined): SandboxResponse | undefined;
}

const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** kubectl asks for the type under its older name. */
const SWAGGER_TYPES: ReadonlyMap<string, 'json' | 'protobuf'> = new Map([
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  [SWAGGER_PROTOBUF, 'protobuf'],
  ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'protobuf'],
]);

const notFound = () => textResponse(404, '404 page not found\n');

/** The first form of the OpenAPI v2 document that a client accepts. @throws ApiFailure 406 */
function swaggerFormat(accept: string | undefined): 'json' | 'protobuf' {
  for (const { mediaType } of parseAccept(accept)) {
    const format = SWAGGER_TYPES.get(mediaType);
    if (format !== undefined) return format;
  }
  throw failures.notAcceptable(['application/json', SWAGGER_PROTOBUF]);
}

/** Create the documents of an API server. */
export function createDocuments(store: ObjectStore, version: string): Documents {
  /** Documents of built-in resources are large and never change: one rendering each. */
  const rendered = new Map<string, Promise<SandboxResponse>>();
  const once = (key: string, build: () => Promise<SandboxResponse>): Promise<SandboxResponse> => {
    const known = rendered.get(key) ?? build();
    rendered.set(key, known);
    return known;
  };

  const swagger = (format: 'json' | 'protobuf') =>
    once(`swagger ${format}`, async () => {
      const response = jsonResponse(200, await swaggerDocument(version));
      if (format === 'json') return response;
      const headers = { ...response.headers, 'content-type': SWAGGER_PROTOBUF };
      return { ...response, headers, body: encodeSwagger(JSON.parse(String(response.body))) };
    });

  const openApiV3 = async (path: string): Promise<SandboxResponse> => {
    const name = path.slice('/openapi/v3'.length).replace(/^\//, '');
    if (name === '') return jsonResponse(200, openApiIndex(store));
    const resources = catalogOf(store).resources.filter((each) => groupPath(each) === name);
    if (resources.length === 0) return notFound();
    const build = async () => jsonResponse(200, await openApiDocument(resources, store, version));
    return resources.some(({ isCustom }) => isCustom) ? build() : once(name, build);
  };

  return {
    openApi(path, accept) {
      return path === '/openapi/v2' ? swagger(swaggerFormat(accept)) : openApiV3(path);
    },

    discover(path, accept) {
      const catalog = catalogOf(store);
      const [root, group, groupVersion, ...rest] = path.split('/').filter((part) => part !== '');
      if (root !== 'api' && root !== 'apis') return undefined;
      const aggregated = group === undefined ? aggregatedVersion(accept) : undefined;
      if (aggregated !== undefined)
        return jsonResponse(
          200,
          aggregatedDiscovery(catalog, aggregated, root === 'api'),
          aggregatedContentType(aggregated),
        );
      if (root === 'api') {
        if (group === undefined) return jsonResponse(200, coreVersions('127.0.0.1'));
        return group === 'v1' && groupVersion === undefined
          ? jsonResponse(200, resourceList(catalog, '', 'v1'))
          : undefined;
      }
      if (rest.length > 0) return undefined;
      if (group === undefined) return jsonResponse(200, groupList(catalog));
      const served = catalog.groups.find((each) => each.group === group);
      if (served === undefined) return undefined;
      if (groupVersion === undefined) return jsonResponse(200, apiGroup(served));
      return served.versions.includes(groupVersion)
        ? jsonResponse(200, resourceList(catalog, group, groupVersion))
        : undefined;
    },
  };
}
