import type { SandboxClock } from '../../world/clock.ts';
import type { Machine } from '../../world/machines.ts';
import type { Pod } from '../kinds/pod.ts';
import { behaviourOf } from './container-behaviour.ts';
import type { PodReports } from './pod-reports.ts';
import type { PodRun } from './pod-run.ts';
import { crashedStatus, endedStatus, runningStatus } from './pod-status.ts';

/** A kubelet restarts a crashing container after 10 s, twice that, …, at most 5 minutes. */
const FIRST_BACK_OFF_SECONDS = 10;
const LONGEST_BACK_OFF_SECONDS = 300;
/** Restarts of a crash-looping pod that has been there for days. */
const SETTLED_RESTARTS = 412;

/** Create the source of pod addresses: 100.64.0.0/10, which the VPC CNI is given when pods have subnets of their own. */
function createPodAddresses(): () => string {
  let addresses = 0;
  return () => {
    addresses += 1;
    const address = addresses % 0x3f_fffe;
    return `100.${64 + (address >> 16)}.${(address >> 8) & 0xff}.${address & 0xff}`;
  };
}

/** Create what kubelets do to start the containers of a pod: they run, run to their end, or crash again and again. */
export function createPodStart({
  clock,
  reports,
  machineOf,
  isInstant,
}: {
  clock: SandboxClock;
  reports: PodReports;
  machineOf(nodeName: string): Machine | undefined;
  /** While the world is being set up pods are Running and Ready at once. */
  isInstant(): boolean;
}): { begin(run: PodRun, pod: Pod): void } {
  const nextPodIp = createPodAddresses();

  const succeed = (run: PodRun) => {
    run.stage = 'stopped';
    reports.writeStatus(run, (pod, at) => endedStatus(pod, 'Succeeded', at));
  };

  const crash = (run: PodRun, machine: Machine, podIp: string, restartCount: number) => {
    const pod = reports.writeStatus(run, (current, at) => crashedStatus(current, machine, podIp, restartCount, at));
    if (pod === undefined) return;
    const message = `Back-off restarting failed container in pod ${pod.metadata.name}`;
    reports.recordEvent(pod, 'BackOff', message, 'Warning');
    const backOffSeconds = Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** Math.min(restartCount, 10));
    run.timer = clock.after(backOffSeconds, () => crash(run, machine, podIp, restartCount + 1));
  };

  const started = (run: PodRun) => {
    const machine = machineOf(run.nodeName);
    const pod = reports.podOf(run);
    if (machine === undefined || pod === undefined) return;
    const { runSeconds, crashes } = behaviourOf(pod);
    const podIp = pod.spec.hostNetwork === true ? machine.privateIpAddress : nextPodIp();
    run.stage = 'started';
    if (crashes) return crash(run, machine, podIp, isInstant() ? SETTLED_RESTARTS : 0);
    reports.writeStatus(run, (current, at) => runningStatus(current, machine, podIp, at));
    if (runSeconds !== undefined) run.timer = clock.after(runSeconds, () => succeed(run));
    const [container] = pod.spec.containers ?? [];
    reports.recordEvent(pod, 'Pulled', `Container image "${container?.image}" already present on machine`);
    reports.recordEvent(pod, 'Started', `Started container ${container?.name}`);
  };

  return {
    begin(run, pod) {
      run.stage = 'starting';
      if (isInstant()) return started(run);
      run.timer = clock.after(behaviourOf(pod).startSeconds, () => started(run));
    },
  };
}
