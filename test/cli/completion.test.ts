import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sinon from 'sinon';
import { run } from './run.ts';

const CLI = join(import.meta.dirname, '../../cli/eks-nodegroup-upgrade.mjs');

/** Run the program in this process; the library for completion prints to the console. */
async function program(...argv: string[]): Promise<string> {
  const log = sinon.stub(console, 'log');
  try {
    const { exitCode, stdout } = await run(argv);
    assert.equal(exitCode, 0);
    return stdout + log.args.map((line) => `${line.join(' ')}\n`).join('');
  } finally {
    log.restore();
  }
}

/** What the library offers for the last word, without descriptions. */
async function offered(...words: string[]): Promise<string[]> {
  const lines = (await program('complete', '--', ...words)).trimEnd().split('\n');
  return lines.filter((line) => !line.startsWith(':')).map((line) => line.split('\t')[0] as string);
}

describe('shell completion', function () {
  this.timeout(60_000);

  const cases: [string, string[], string[]][] = [
    ['commands', ['st'], ['start', 'status']],
    ['options of a command', ['start', '--canary'], ['--canary-nodes', '--canary-bake-seconds']],
    ['options of every command', ['list', '--re'], ['--region']],
    ['values of an option', ['plan', '--engine', ''], ['workflow', 'eks']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ];
  for (const [title, words, expected] of cases) {
    it(`completes ${title}`, async () => assert.deepEqual(await offered(...words), expected));
  }

  for (const shell of ['zsh', 'fish']) {
    it(`prints a script for ${shell} that asks the program`, async () => {
      const script = await program('completion', shell);
      assert.match(script, /eks-nodegroup-upgrade complete -- /);
    });
  }

  it('completes in a bash that has read the script', async () => {
    const typed = `
      eks-nodegroup-upgrade() { "${process.execPath}" "${CLI}" "$@"; }
      source <(eks-nodegroup-upgrade completion bash)
      COMP_LINE='eks-nodegroup-upgrade plan --nodeg' COMP_POINT=\${#COMP_LINE}
      COMP_WORDS=(eks-nodegroup-upgrade plan --nodeg) COMP_CWORD=2
      handler=$(complete -p eks-nodegroup-upgrade | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$handler" eks-nodegroup-upgrade --nodeg plan 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', typed]);
    assert.deepEqual(stdout.trim().split('\n'), ['--nodegroup', '--nodegroups']);
  });
});
