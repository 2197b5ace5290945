import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts, onFreePorts } from '../real/harness/free-ports.ts';
import { awaitReady, type ComponentFailure, startProcess, watchOver } from '../real/harness/processes.ts';

/** A server, and the connection of the first process that connects to it. The system closes that when the process ends. */
async function listenForProcess() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const connected = once(server, 'connection').then(([socket]: Socket[]) => {
    server.close();
    // A process that is killed may reset its connection.
    return (socket as Socket).on('error', () => undefined).resume();
  });
  return { port, connected };
}

/** A program that connects to a port of its own machine, and stays. */
const connecting = (port: number) => `require('net').connect(${port},'127.0.0.1'); setInterval(()=>{},1000)`;

describe('the processes of real services', function () {
  this.timeout(120_000);

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-processes-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  let count = 0;
  const start = (script: string) => {
    count += 1;
    return startProcess({
      name: 'the component',
      command: 'sh',
      arguments: ['-c', script],
      logPath: join(folder, `log-${count}`),
    });
  };

  it('fails with the last 20 lines of the log of a component that ends while it is waited for', async () => {
    const component = start('i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; exit 3');
    await assert.rejects(
      awaitReady(component, async () => false, 60),
      ({ message }: Error) => {
        assert.match(message, /^the component ended with code 3\. The last lines of its log:\n {2}line 11\n/);
        assert.match(message, /\n {2}line 30$/);
        return true;
      },
    );
  });

  it('fails when a component is not ready in time', async () => {
    const component = start('echo still starting; sleep 60');
    await assert.rejects(
      awaitReady(component, () => Promise.reject(new Error('refused')), 0.2),
      /was not ready after 0.2 s. The last lines of its log:\n {2}still starting/,
    );
    await component.stop();
  });

  it('reports a component that cannot be started at all', async () => {
    const component = startProcess({
      name: 'nothing',
      command: join(folder, 'nothing'),
      arguments: [],
      logPath: join(folder, 'nothing-log'),
    });
    await assert.rejects(
      awaitReady(component, async () => false, 60),
      /^ComponentFailure: nothing ended with code 127/,
    );
  });

  it('reports a component that ends later, but not one that was stopped', async () => {
    const failures: ComponentFailure[] = [];
    const failed = Promise.withResolvers<void>();
    const doomed = start('exit 1');
    const sound = start('sleep 60');
    const stop = watchOver([doomed, sound], (failure) => {
      failures.push(failure);
      failed.resolve();
    });
    await failed.promise;
    await stop();
    assert.equal(sound.hasEnded(), true);
    assert.equal(failures.length, 1);
  });

  it('stops the processes of a component as well', async () => {
    const { port, connected } = await listenForProcess();
    const component = start(`"${process.execPath}" -e "${connecting(port)}" & wait`);
    const grandchild = await connected;
    assert.equal(grandchild.closed, false);
    await component.stop();
    if (!grandchild.closed) await once(grandchild, 'close');
  });

  it('leaves nothing running when the process that started it is killed', async () => {
    const module = resolve('test/real/harness/processes.ts');
    const logPath = join(folder, 'orphan-log');
    const { port, connected } = await listenForProcess();
    const script = `
      const { startProcess } = await import(${JSON.stringify(module)});
      startProcess({ name: 'x', command: process.execPath, logPath: ${JSON.stringify(logPath)},
        arguments: ['-e', ${JSON.stringify(connecting(port))}] });
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const child = await connected;
    assert.equal(child.closed, false);
    parent.kill('SIGKILL');
    if (!child.closed) await once(child, 'close');
  });
});

describe('free ports', function () {
  this.timeout(120_000);

  it('are all different', async () => {
    const ports = await freePorts(8);
    assert.equal(new Set(ports).size, 8);
  });

  it('are replaced by others when one was taken in the meantime', async () => {
    let attempts = 0;
    const started = await onFreePorts(1, async (ports) => {
      attempts += 1;
      if (attempts === 1) throw new Error('listen tcp 127.0.0.1:1: bind: address already in use');
      return ports.length;
    });
    assert.deepEqual([started, attempts], [1, 2]);
  });

  it('are not tried again for any other failure', async () => {
    let attempts = 0;
    await assert.rejects(
      onFreePorts(1, async () => {
        attempts += 1;
        throw new Error('no such flag');
      }),
      /no such flag/,
    );
    assert.equal(attempts, 1);
  });
});
