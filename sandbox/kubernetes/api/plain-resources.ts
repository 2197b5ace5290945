import { inGroup, type ResourceDefinition } from './resources.ts';

const core = inGroup('', 'v1');
const rbac = inGroup('rbac.authorization.k8s.io', 'v1');
const networking = inGroup('networking.k8s.io', 'v1');
const admission = inGroup('admissionregistration.k8s.io', 'v1');
const clusterScoped = { isNamespaced: false };
const withStatus = { subresources: ['status'] } as const;

/** Resources that manifests have beside their workloads: stored, listed and watched, and nothing acts upon them. */
export const PLAIN_RESOURCES: readonly ResourceDefinition[] = [
  core('limitranges', 'LimitRange', 'LimitRange sets resource usage limits for each kind of resource in a namespace.', {
    shortNames: ['limits'],
  }),
  core('resourcequotas', 'ResourceQuota', 'ResourceQuota sets aggregate quota restrictions enforced per namespace.', {
    ...withStatus,
    shortNames: ['quota'],
  }),
  rbac(
    'clusterrolebindings',
    'ClusterRoleBinding',
    'ClusterRoleBinding references a ClusterRole, but does not contain it.',
    {
      ...clusterScoped,
    },
  ),
  rbac('clusterroles', 'ClusterRole', 'ClusterRole is a cluster level, logical grouping of PolicyRules.', {
    ...clusterScoped,
  }),
  rbac('rolebindings', 'RoleBinding', 'RoleBinding references a role, but does not contain it.'),
  rbac('roles', 'Role', 'Role is a namespaced, logical grouping of PolicyRules.'),
  networking('ingressclasses', 'IngressClass', 'IngressClass represents the class of the Ingress.', {
    ...clusterScoped,
  }),
  networking('ingresses', 'Ingress', 'Ingress is a collection of rules that allow inbound connections.', {
    ...withStatus,
    shortNames: ['ing'],
  }),
  networking(
    'networkpolicies',
    'NetworkPolicy',
    'NetworkPolicy describes what network traffic is allowed for a set of Pods.',
    {
      shortNames: ['netpol'],
    },
  ),
  inGroup('autoscaling', 'v2')(
    'horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
    'HorizontalPodAutoscaler is the configuration for a horizontal pod autoscaler.',
    { ...withStatus, categories: ['all'], shortNames: ['hpa'] },
  ),
  inGroup('scheduling.k8s.io', 'v1')(
    'priorityclasses',
    'PriorityClass',
    'PriorityClass defines mapping from a priority class name to the priority integer value.',
    { ...clusterScoped, shortNames: ['pc'] },
  ),
  inGroup('node.k8s.io', 'v1')(
    'runtimeclasses',
    'RuntimeClass',
    'RuntimeClass defines a class of container runtime supported in the cluster.',
    { ...clusterScoped },
  ),
  inGroup('storage.k8s.io', 'v1')(
    'csidrivers',
    'CSIDriver',
    'CSIDriver captures information about a Container Storage Interface (CSI) volume driver deployed on the cluster.',
    { ...clusterScoped },
  ),
  inGroup('discovery.k8s.io', 'v1')(
    'endpointslices',
    'EndpointSlice',
    'EndpointSlice represents a set of service endpoints.',
  ),
  admission(
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    'MutatingWebhookConfiguration describes the configuration of an admission webhook that accepts or rejects and may change the object.',
    { ...clusterScoped, categories: ['api-extensions'] },
  ),
  admission(
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicy describes the definition of an admission validation policy.',
    { ...clusterScoped, ...withStatus, categories: ['api-extensions'] },
  ),
  admission(
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingAdmissionPolicyBinding binds the ValidatingAdmissionPolicy with parameterized resources.',
    { ...clusterScoped, categories: ['api-extensions'] },
  ),
  admission(
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    'ValidatingWebhookConfiguration describes the configuration of an admission webhook that accepts or rejects an object.',
    { ...clusterScoped, categories: ['api-extensions'] },
  ),
  inGroup('apiextensions.k8s.io', 'v1')(
    'customresourcedefinitions',
    'CustomResourceDefinition',
    'CustomResourceDefinition represents a resource that should be exposed on the API server.',
    { ...clusterScoped, ...withStatus, categories: ['api-extensions'], shortNames: ['crd', 'crds'] },
  ),
  inGroup('apiregistration.k8s.io', 'v1')(
    'apiservices',
    'APIService',
    'APIService represents a server for a particular GroupVersion.',
    { ...clusterScoped, ...withStatus, categories: ['api-extensions'] },
  ),
];
