import type { Fault } from 'eks-sandbox/scenario';
import type { SimulatedWorld } from './world.ts';

/** A fault or a deed with everything that is said of it. */
const withDetails = ({ kind, ...details }: { readonly kind: string }): string =>
  `${kind} ${Object.entries(details)
    .filter(([key]) => key !== 'atSeconds' && key !== 'fromSeconds')
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .join(', ')}`;

/** Instants of a fault of the scenario that are worth a sentence. */
function tellFault({ clock, say }: SimulatedWorld, fault: Fault): void {
  const at = 'atSeconds' in fault ? fault.atSeconds : 'fromSeconds' in fault ? fault.fromSeconds : 0;
  clock.after(at, () => say(`fault: ${withDetails(fault)}`));
}

function tellRequests({ wire, say }: SimulatedWorld): void {
  wire.onResponse(({ action, request, status }) => {
    const form = new URLSearchParams(request.body);
    const answer = status < 300 ? '' : `, which is refused with ${status}`;
    if (action === 'TerminateInstanceInAutoScalingGroup') {
      const how = form.get('ShouldDecrementDesiredCapacity') === 'true' ? 'with a decrement' : 'to be replaced';
      say(`${form.get('InstanceId')} is to be terminated ${how}${answer}`);
    }
    if (action === 'UpdateAutoScalingGroup') {
      const changes = [...form]
        .filter(([key]) => /Size|Capacity|\.Version$/.test(key))
        .map(([key, value]) => `${key} ${value}`);
      say(`${form.get('AutoScalingGroupName')} gets ${changes.join(', ')}${answer}`);
    }
    if (action.endsWith('/eviction')) {
      const [, , , , , namespace, , pod] = `/${action}`.split('/');
      say(`eviction of ${namespace}/${pod} is ${status < 300 ? 'accepted' : `refused with ${status}`}`);
    }
  });
}

function tellNodes({ stores, say }: SimulatedWorld): void {
  for (const store of stores.values())
    store.subscribe((event) => {
      if (event.resource !== 'nodes') return;
      const { name } = event.object.metadata;
      if (event.type === 'ADDED') say(`node ${name} registers`);
      if (event.type === 'DELETED') say(`node ${name} is gone`);
      if (event.type !== 'MODIFIED') return;
      const was = event.previous?.spec?.unschedulable === true;
      const is = event.object.spec?.unschedulable === true;
      if (was !== is) say(`node ${name} is ${is ? 'cordoned' : 'uncordoned'}`);
    });
}

/** Tell what happens in a world, as it happens. */
export function tellStory(world: SimulatedWorld): void {
  const { stepFunctions, say, scenario, clock } = world;
  stepFunctions.onStatusChange(({ name, status, error, cause }) => {
    const why = error === undefined ? (cause ?? '') : `${error}: ${cause ?? ''}`;
    say(`execution ${name} ${status === 'RUNNING' ? 'runs' : `ends ${status}`}${why === '' ? '' : `, ${why}`}`);
  });
  for (const fault of scenario.faults) tellFault(world, fault);
  for (const actor of scenario.actors) clock.after(actor.atSeconds, () => say(`somebody else: ${withDetails(actor)}`));
  tellRequests(world);
  tellNodes(world);
}
