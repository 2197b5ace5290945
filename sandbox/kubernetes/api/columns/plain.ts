import type { KubernetesObject } from '../../objects.ts';
import { jsonObjectIn } from '../patch/json-value.ts';
import { AGE, type Column, count, flag, labelPairs, NAME, NONE, text } from './column.ts';

const CREATED_AT: Column = text('Created At', ({ metadata }) => metadata.creationTimestamp);

const spec = (object: KubernetesObject) => jsonObjectIn(object.spec);
const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

const ROLE: Column = text('Role', ({ roleRef }) => {
  const { kind, name } = jsonObjectIn(roleRef);
  return `${kind}/${name}`;
});

const hostsOf = (object: KubernetesObject): string => {
  const { rules } = spec(object);
  const hosts = (Array.isArray(rules) ? rules : [])
    .map((rule) => String(jsonObjectIn(rule).host ?? ''))
    .filter(Boolean);
  return hosts.length === 0 ? '*' : hosts.join(',');
};

const WEBHOOKS: readonly Column[] = [NAME, count('Webhooks', ({ webhooks }) => lengthOf(webhooks)), AGE];

/** Columns of the kinds that nothing in the sandbox acts upon. */
export const PLAIN_COLUMNS = {
  roles: [NAME, CREATED_AT],
  clusterroles: [NAME, CREATED_AT],
  rolebindings: [NAME, ROLE, AGE],
  clusterrolebindings: [NAME, ROLE, AGE],
  customresourcedefinitions: [NAME, CREATED_AT],
  networkpolicies: [
    NAME,
    text('Pod-Selector', (policy) =>
      labelPairs(jsonObjectIn(jsonObjectIn(spec(policy).podSelector).matchLabels) as Record<string, string>),
    ),
    AGE,
  ],
  ingresses: [
    NAME,
    text('Class', (ingress) => String(spec(ingress).ingressClassName ?? NONE)),
    text('Hosts', hostsOf),
    text('Address', () => ''),
    text('Ports', (ingress) => (lengthOf(spec(ingress).tls) > 0 ? '80, 443' : '80')),
    AGE,
  ],
  ingressclasses: [
    NAME,
    text('Controller', (ingressClass) => String(spec(ingressClass).controller ?? '')),
    text('Parameters', () => NONE),
    AGE,
  ],
  priorityclasses: [
    NAME,
    count('Value', ({ value }) => Number(value ?? 0)),
    flag('Global-Default', ({ globalDefault }) => globalDefault === true),
    AGE,
    text('PreemptionPolicy', ({ preemptionPolicy }) => String(preemptionPolicy ?? 'PreemptLowerPriority')),
  ],
  mutatingwebhookconfigurations: WEBHOOKS,
  validatingwebhookconfigurations: WEBHOOKS,
} satisfies Record<string, readonly Column[]>;
