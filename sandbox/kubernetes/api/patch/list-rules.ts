/** How patches treat a list: as one value, as a set of scalars, or as a map of objects told apart by a key. */
export type ListRule =
  | { readonly type: 'atomic' }
  | { readonly type: 'set' }
  /** `mergeKey` for strategic merge patches, `mapKeys` for server-side apply. */
  | { readonly type: 'map'; readonly mergeKey: string; readonly mapKeys: readonly string[] };

const ATOMIC: ListRule = { type: 'atomic' };
const SET: ListRule = { type: 'set' };
const keyedBy = (mergeKey: string, ...furtherKeys: string[]): ListRule => ({
  type: 'map',
  mergeKey,
  mapKeys: [mergeKey, ...furtherKeys],
});

/** Rules by `parent.field`, or by `field` alone where it means the same everywhere it is served. */
const RULES: ReadonlyMap<string, ListRule> = new Map(
  Object.entries<ListRule>({
    containers: keyedBy('name'),
    initContainers: keyedBy('name'),
    ephemeralContainers: keyedBy('name'),
    env: keyedBy('name'),
    volumeMounts: keyedBy('mountPath'),
    volumeDevices: keyedBy('devicePath'),
    volumes: keyedBy('name'),
    imagePullSecrets: keyedBy('name'),
    hostAliases: keyedBy('ip'),
    topologySpreadConstraints: keyedBy('topologyKey', 'whenUnsatisfiable'),
    resourceClaims: keyedBy('name'),
    schedulingGates: keyedBy('name'),
    ownerReferences: keyedBy('uid'),
    conditions: keyedBy('type'),
    addresses: keyedBy('type'),
    podIPs: keyedBy('ip'),
    drivers: keyedBy('name'),
    secrets: keyedBy('name'),
    finalizers: SET,
    podCIDRs: SET,
    // A Service and a container name their ports' keys differently.
    'spec.ports': keyedBy('port', 'protocol'),
    'containers.ports': keyedBy('containerPort', 'protocol'),
    'initContainers.ports': keyedBy('containerPort', 'protocol'),
  }),
);

/**
 * Tell how a list is merged.
 *
 * Lists without a rule are atomic, among them node taints and pod tolerations.
 *
 * @param path field names from the object's root to the list; positions in lists on the way left out
 * @see https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json (x-kubernetes-patch-merge-key)
 */
export const listRule = (path: readonly string[]): ListRule => {
  const field = path.at(-1) ?? '';
  return RULES.get(`${path.at(-2)}.${field}`) ?? RULES.get(field) ?? ATOMIC;
};

/** Maps that are replaced as a whole by server-side apply. */
const ATOMIC_MAPS = new Set(['selector', 'nodeSelector', 'secretRef', 'claimRef', 'nodeAffinity', 'resourceFieldRef']);

/** Tell whether an object field is one value to server-side apply. */
export const isAtomicMap = (path: readonly string[]): boolean => {
  const field = path.at(-1) ?? '';
  // The selector of a PodDisruptionBudget or a Service is atomic, as is a workload's; labels are not.
  return ATOMIC_MAPS.has(field) || field === 'labelSelector';
};
