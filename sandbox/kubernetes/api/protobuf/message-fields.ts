/** One field of a message: its JSON name and how it is read. */
export interface MessageField {
  readonly name: string;
  /** A scalar (`string`, `bytes`, `int`, `bool`) or the name of another message. */
  readonly type: string;
  readonly shape: 'single' | 'list' | 'map';
  /** Go writes fields that are no pointers always; their zero means absent. */
  readonly isZeroAbsent: boolean;
}

/**
 * Messages by name: `NUMBER:NAME TYPE`, where the type is `string` unless given, `[]` makes a list, `{}` a map from strings
 * and `?` marks a number or flag whose zero means absent. Numbers are part of Kubernetes' wire format.
 *
 * @see https://github.com/kubernetes/api (generated.proto of each group)
 */
const MESSAGES: Readonly<Record<string, string>> = {
  Unknown: '1:typeMeta TypeMeta, 2:raw bytes, 3:contentEncoding, 4:contentType',
  TypeMeta: '1:apiVersion, 2:kind',
  ObjectMeta:
    '1:name, 2:generateName, 3:namespace, 4:selfLink, 5:uid, 6:resourceVersion, 7:generation int?, 8:creationTimestamp Time, 9:deletionTimestamp Time, 10:deletionGracePeriodSeconds int, 11:labels string{}, 12:annotations string{}, 13:ownerReferences OwnerReference[], 14:finalizers string[]',
  OwnerReference: '1:kind, 3:name, 4:uid, 5:apiVersion, 6:controller bool, 7:blockOwnerDeletion bool',
  LabelSelector: '1:matchLabels string{}, 2:matchExpressions LabelSelectorRequirement[]',
  LabelSelectorRequirement: '1:key, 2:operator, 3:values string[]',
  DeleteOptions:
    '1:gracePeriodSeconds int, 2:preconditions Preconditions, 3:orphanDependents bool, 4:propagationPolicy, 5:dryRun string[]',
  Preconditions: '1:uid, 2:resourceVersion',
  Eviction: '1:metadata ObjectMeta, 2:deleteOptions DeleteOptions',
  SelfSubjectReview: '1:metadata ObjectMeta, 2:status Ignored',
  SelfSubjectAccessReview: '1:metadata ObjectMeta, 2:spec SubjectAccessReviewSpec, 3:status Ignored',
  SubjectAccessReview: '1:metadata ObjectMeta, 2:spec SubjectAccessReviewSpec, 3:status Ignored',
  SubjectAccessReviewSpec:
    '1:resourceAttributes ResourceAttributes, 2:nonResourceAttributes NonResourceAttributes, 3:user, 4:groups string[], 6:uid',
  ResourceAttributes: '1:namespace, 2:verb, 3:group, 4:version, 5:resource, 6:subresource, 7:name',
  NonResourceAttributes: '1:path, 2:verb',
  SelfSubjectRulesReview: '1:metadata ObjectMeta, 2:spec SelfSubjectRulesReviewSpec, 3:status Ignored',
  SelfSubjectRulesReviewSpec: '1:namespace',
  Namespace: '1:metadata ObjectMeta, 2:spec NamespaceSpec, 3:status Ignored',
  NamespaceSpec: '1:finalizers string[]',
  ConfigMap: '1:metadata ObjectMeta, 2:data string{}, 3:binaryData bytes{}, 4:immutable bool',
  Secret: '1:metadata ObjectMeta, 2:data bytes{}, 3:type, 4:stringData string{}, 5:immutable bool',
  ServiceAccount:
    '1:metadata ObjectMeta, 2:secrets ObjectReference[], 3:imagePullSecrets LocalObjectReference[], 4:automountServiceAccountToken bool',
  LocalObjectReference: '1:name',
  ObjectReference: '1:kind, 2:namespace, 3:name, 4:uid, 5:apiVersion, 6:resourceVersion, 7:fieldPath',
  Service: '1:metadata ObjectMeta, 2:spec ServiceSpec, 3:status Ignored',
  ServiceSpec:
    '1:ports ServicePort[], 2:selector string{}, 3:clusterIP, 4:type, 5:externalIPs string[], 7:sessionAffinity, 8:loadBalancerIP, 9:loadBalancerSourceRanges string[], 10:externalName, 11:externalTrafficPolicy, 12:healthCheckNodePort int?, 13:publishNotReadyAddresses bool?, 17:ipFamilyPolicy, 18:clusterIPs string[], 19:ipFamilies string[], 20:allocateLoadBalancerNodePorts bool, 21:loadBalancerClass, 22:internalTrafficPolicy, 23:trafficDistribution',
  ServicePort: '1:name, 2:protocol, 3:port int, 4:targetPort IntOrString, 5:nodePort int?, 6:appProtocol',
  PodDisruptionBudget: '1:metadata ObjectMeta, 2:spec PodDisruptionBudgetSpec, 3:status Ignored',
  PodDisruptionBudgetSpec:
    '1:minAvailable IntOrString, 2:selector LabelSelector, 3:maxUnavailable IntOrString, 4:unhealthyPodEvictionPolicy',
  Lease: '1:metadata ObjectMeta, 2:spec LeaseSpec',
  LeaseSpec:
    '1:holderIdentity, 2:leaseDurationSeconds int, 3:acquireTime MicroTime, 4:renewTime MicroTime, 5:leaseTransitions int, 6:strategy, 7:preferredHolder',
  Event:
    '1:metadata ObjectMeta, 2:involvedObject ObjectReference, 3:reason, 4:message, 5:source EventSource, 6:firstTimestamp Time, 7:lastTimestamp Time, 8:count int?, 9:type, 10:eventTime MicroTime, 11:series EventSeries, 12:action, 13:related ObjectReference, 14:reportingComponent, 15:reportingInstance',
  EventSeries: '1:count int?, 2:lastObservedTime MicroTime',
  EventSource: '1:component, 2:host',
  Scale: '1:metadata ObjectMeta, 2:spec ScaleSpec, 3:status Ignored',
  ScaleSpec: '1:replicas int',
  Deployment: '1:metadata ObjectMeta, 2:spec DeploymentSpec, 3:status Ignored',
  DeploymentSpec:
    '1:replicas int, 2:selector LabelSelector, 3:template PodTemplateSpec, 4:strategy DeploymentStrategy, 5:minReadySeconds int?, 6:revisionHistoryLimit int, 7:paused bool?, 9:progressDeadlineSeconds int',
  DeploymentStrategy: '1:type, 2:rollingUpdate RollingUpdateDeployment',
  RollingUpdateDeployment: '1:maxUnavailable IntOrString, 2:maxSurge IntOrString',
  Job: '1:metadata ObjectMeta, 2:spec JobSpec, 3:status Ignored',
  JobSpec:
    '1:parallelism int, 2:completions int, 3:activeDeadlineSeconds int, 4:selector LabelSelector, 5:manualSelector bool, 6:template PodTemplateSpec, 7:backoffLimit int, 8:ttlSecondsAfterFinished int, 9:completionMode, 10:suspend bool, 12:backoffLimitPerIndex int, 13:maxFailedIndexes int, 14:podReplacementPolicy, 15:managedBy',
  CronJob: '1:metadata ObjectMeta, 2:spec CronJobSpec, 3:status Ignored',
  CronJobSpec:
    '1:schedule, 2:startingDeadlineSeconds int, 3:concurrencyPolicy, 4:suspend bool, 5:jobTemplate JobTemplateSpec, 6:successfulJobsHistoryLimit int, 7:failedJobsHistoryLimit int, 8:timeZone',
  JobTemplateSpec: '1:metadata ObjectMeta, 2:spec JobSpec',
  Pod: '1:metadata ObjectMeta, 2:spec PodSpec, 3:status Ignored',
  PodTemplateSpec: '1:metadata ObjectMeta, 2:spec PodSpec',
  PodSpec:
    '2:containers Container[], 3:restartPolicy, 4:terminationGracePeriodSeconds int, 5:activeDeadlineSeconds int, 6:dnsPolicy, 7:nodeSelector string{}, 8:serviceAccountName, 9:serviceAccount, 10:nodeName, 11:hostNetwork bool?, 12:hostPID bool?, 13:hostIPC bool?, 14:securityContext PodSecurityContext, 15:imagePullSecrets LocalObjectReference[], 16:hostname, 17:subdomain, 19:schedulerName, 20:initContainers Container[], 21:automountServiceAccountToken bool, 22:tolerations Toleration[], 24:priorityClassName, 25:priority int, 27:shareProcessNamespace bool, 29:runtimeClassName, 30:enableServiceLinks bool, 31:preemptionPolicy, 35:setHostnameAsFQDN bool, 37:hostUsers bool',
  PodSecurityContext:
    '2:runAsUser int, 3:runAsNonRoot bool, 4:supplementalGroups int[], 5:fsGroup int, 6:runAsGroup int, 9:fsGroupChangePolicy',
  Toleration: '1:key, 2:operator, 3:value, 4:effect, 5:tolerationSeconds int',
  Container:
    '1:name, 2:image, 3:command string[], 4:args string[], 5:workingDir, 6:ports ContainerPort[], 7:env EnvVar[], 8:resources ResourceRequirements, 13:terminationMessagePath, 14:imagePullPolicy, 16:stdin bool?, 17:stdinOnce bool?, 18:tty bool?, 20:terminationMessagePolicy, 24:restartPolicy',
  ContainerPort: '1:name, 2:hostPort int?, 3:containerPort int, 4:protocol, 5:hostIP',
  EnvVar: '1:name, 2:value',
  ResourceRequirements: '1:limits Quantity{}, 2:requests Quantity{}',
  Quantity: '1:string',
  IntOrString: '1:type int, 2:intVal int, 3:strVal',
  Time: '1:seconds int, 2:nanos int',
  MicroTime: '1:seconds int, 2:nanos int',
};

const FIELD = /^(\d+):(\w+)(?: (\w+)(\[\]|\{\}|\?)?)?$/;

function parseFields(message: string): ReadonlyMap<number, MessageField> {
  return new Map(
    message.split(', ').map((text) => {
      const [, number, name = '', type = 'string', mark] = FIELD.exec(text) ?? [];
      const shape = mark === '[]' ? 'list' : mark === '{}' ? 'map' : 'single';
      return [Number(number), { name, type, shape, isZeroAbsent: mark === '?' }];
    }),
  );
}

const parsed = new Map<string, ReadonlyMap<number, MessageField>>();

/** Fields of a message by number; `undefined` for a message that is not read. */
export function fieldsOfMessage(message: string): ReadonlyMap<number, MessageField> | undefined {
  const text = Object.hasOwn(MESSAGES, message) ? MESSAGES[message] : undefined;
  if (text === undefined) return undefined;
  const known = parsed.get(message);
  if (known !== undefined) return known;
  const fields = parseFields(text);
  parsed.set(message, fields);
  return fields;
}
