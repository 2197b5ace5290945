import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ended } from './client-program.ts';

/** The AWS CLI without the second or two that each call takes to load it: see aws-cli.py. */
export interface AwsCli {
  /** Run a call to its end, whatever its exit code. Calls run one after the other. */
  call(argv: readonly string[]): Promise<Ended>;
  close(): void;
}

/** Load the AWS CLI with the python of the PATH. */
export function startAwsCli(): AwsCli {
  const python = spawn('python', [join(import.meta.dirname, 'aws-cli.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(ended: Ended): void; reject(error: Error): void }[] = [];
  const fail = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  python.once('error', fail);
  python.once('close', (code) => fail(new Error(`aws-cli.py ended with code ${code}`)));
  python.stdin.on('error', fail);
  createInterface({ input: python.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  return {
    call: (argv) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        python.stdin.write(`${JSON.stringify(argv)}\n`);
      }),
    close: () => python.stdin.end(),
  };
}
