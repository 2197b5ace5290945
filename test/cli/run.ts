import { type CliWorld, runCli } from '../../cli/cli.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the program without a process: collected output, no real waiting. */
export async function run(argv: readonly string[], world: Partial<CliWorld> = {}): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const exitCode = await runCli(argv, {
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env: { USER: 'ana' },
    sleep: async () => undefined,
    now: () => new Date('2026-01-20T10:15:00.000Z'),
    suffix: () => '3f2a',
    readStdin: async () => '{}',
    ...world,
  });
  return { exitCode, ...written };
}
