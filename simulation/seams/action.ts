import type { SandboxRequest } from 'eks-sandbox/server';

export type Plane = 'aws' | 'kubernetes';

/** `PATCH nodes`, `POST pods/eviction`: as scenarios name requests. */
function kubernetesAction({ method, path }: SandboxRequest): string {
  const inGroup = path.replace(/^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '');
  const [resource = '', , subresource] = inGroup.replace(/^namespaces\/[^/]+\/(?=.)/, '').split('/');
  return `${method} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Name what a request asks for: an AWS action, or for EKS its method and path; `PATCH nodes` for Kubernetes. */
export function actionOf(request: SandboxRequest, plane: Plane): string {
  if (plane === 'kubernetes') return kubernetesAction(request);
  const { method, path, headers, body } = request;
  const target = headers['x-amz-target'];
  if (target !== undefined) return target.split('.').at(-1) as string;
  return new URLSearchParams(body).get('Action') ?? `${method} ${path}`;
}
