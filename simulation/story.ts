import type { SimulatedWorld } from './world.ts';

/** Tell what happens to executions and instances of a world, as it happens. */
export function tellStory(world: SimulatedWorld): void {
  const { stepFunctions, wire, say } = world;
  stepFunctions.onStatusChange(({ name, status, error, cause }) => {
    const why = error === undefined ? (cause ?? '') : `${error}: ${cause ?? ''}`;
    say(`execution ${name} ${status === 'RUNNING' ? 'runs' : `ends ${status}`}${why === '' ? '' : `, ${why}`}`);
  });
  wire.onResponse(({ action, request, status }) => {
    const form = new URLSearchParams(request.body);
    const answer = status === 200 ? '' : ` is refused with ${status}`;
    if (action === 'TerminateInstanceInAutoScalingGroup') {
      const how = form.get('ShouldDecrementDesiredCapacity') === 'true' ? 'with a decrement' : 'to be replaced';
      say(`${form.get('InstanceId')} is terminated ${how}${answer}`);
    }
    if (action === 'UpdateAutoScalingGroup')
      say(`sizes or template of ${form.get('AutoScalingGroupName')} change${answer}`);
  });
}
