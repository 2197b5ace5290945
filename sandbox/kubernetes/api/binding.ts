import { isoSeconds } from '../../world/clock.ts';
import { withCondition } from '../conditions.ts';
import { PODS } from './built-in-resources.ts';
import type { ApiContext } from './context.ts';
import { failures } from './failures.ts';
import { isJsonObject, type JsonObject } from './patch/json-value.ts';

const BINDING = { group: '', resource: 'pods/binding' };

/**
 * Bind a pod to a node, as a scheduler asks for it.
 *
 * @throws ApiFailure 400, 404, 409 when it is bound or being deleted already
 */
export function bindPod(
  { store, clock }: ApiContext,
  namespace: string | undefined,
  name: string,
  body: JsonObject | undefined,
  isDryRun: boolean,
): void {
  const target = isJsonObject(body?.target) ? body.target : {};
  const nodeName = String(target.name ?? '');
  if (nodeName === '')
    throw failures.invalid('', 'Binding', name, [
      { reason: 'FieldValueRequired', field: 'target.name', message: 'Required value' },
    ]);
  const pod = store.get('pods', namespace, name);
  if (pod === undefined) throw failures.notFound(PODS, name);
  if (pod.metadata.deletionTimestamp !== undefined)
    throw failures.conflict(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName)
    throw failures.conflict(BINDING, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (isDryRun) return;
  store.change('pods', namespace, name, (current) => ({
    ...current,
    spec: { ...current.spec, nodeName },
    status: {
      ...current.status,
      conditions: withCondition(
        current.status?.conditions,
        { type: 'PodScheduled', status: 'True' },
        isoSeconds(clock.now()),
      ),
    },
  }));
}
