import type { KubernetesObject } from '../objects.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

/** The kinds that are stored and listed, and that nothing in the sandbox acts upon. */
export interface PlainKinds {
  readonly apiservices: KubernetesObject;
  readonly clusterrolebindings: KubernetesObject;
  readonly clusterroles: KubernetesObject;
  readonly csidrivers: KubernetesObject;
  readonly customresourcedefinitions: CustomResourceDefinition;
  readonly endpointslices: KubernetesObject;
  readonly horizontalpodautoscalers: KubernetesObject;
  readonly ingressclasses: KubernetesObject;
  readonly ingresses: KubernetesObject;
  readonly limitranges: KubernetesObject;
  readonly mutatingwebhookconfigurations: KubernetesObject;
  readonly networkpolicies: KubernetesObject;
  readonly priorityclasses: KubernetesObject;
  readonly resourcequotas: KubernetesObject;
  readonly rolebindings: KubernetesObject;
  readonly roles: KubernetesObject;
  readonly runtimeclasses: KubernetesObject;
  readonly validatingadmissionpolicies: KubernetesObject;
  readonly validatingadmissionpolicybindings: KubernetesObject;
  readonly validatingwebhookconfigurations: KubernetesObject;
}
