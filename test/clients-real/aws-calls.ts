import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsCli } from './aws-cli.ts';

/** What the CLI printed, parsed; the assertions are about its shape. */
export type Answer = ReturnType<JSON['parse']>;

/** Calls of the AWS CLI, and what is expected of them. */
export const createAwsCalls = (cli: Pick<AwsCli, 'call'>) => ({
  /** Run a call that must succeed. @returns what it printed, parsed; nothing when it printed nothing */
  async aws(...argv: string[]): Promise<Answer> {
    const { code, stdout, stderr } = await cli.call([...argv, '--output=json']);
    if (code !== 0) throw new Error(`aws ${argv.join(' ')} ended with code ${code}:\n${stderr}`);
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  },

  /** Run a call that must be refused. */
  async refused(code: string, message: RegExp, ...argv: string[]): Promise<void> {
    const ended = await cli.call([...argv, '--output=json']);
    assert.notEqual(ended.code, 0, `${argv.join(' ')} succeeded:\n${ended.stdout}`);
    const found = ended.stderr.match(/An error occurred \((\S+)\) when calling the \w+ operation[^:]*: (.*)/s);
    assert.ok(found, `${argv.join(' ')} said:\n${ended.stderr}`);
    assert.equal(found[1], code, found[2]);
    assert.match(found[2] as string, message);
  },
});

/** Ask until it is so, at most 40 seconds. @returns the answer that is */
export async function eventually(ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<Answer> {
  const giveUpAt = performance.now() + 40_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() > giveUpAt) throw new Error(`still not so: ${JSON.stringify(answer)}`);
    await sleep(500);
  }
}
