import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** What a block of commands said on both streams, and the exit code of the last command in it that failed; 0 if none did. */
export interface Said {
  readonly text: string;
  readonly exitCode: number;
}

/** A shell that keeps its variables from block to block, as the terminal of somebody who follows a page does. */
export interface ShellSession {
  run(commands: string): Promise<Said>;
  close(): void;
}

/** Start a shell in a folder. */
export function startShell(folder: string): ShellSession {
  const shell = spawn('bash', ['-s'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let onText = () => {};
  let onEnd = (_error: Error) => {};
  shell.once('close', () => onEnd(new Error(`the shell ended:\n${said}`)));
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      onText();
    });
  }
  return {
    run(commands) {
      const mark = randomUUID();
      said = '';
      return new Promise((resolve, reject) => {
        onText = () => {
          const end = new RegExp(`\\n${mark} (\\d+)\\n`).exec(said);
          if (end !== null) resolve({ text: said.slice(0, end.index), exitCode: Number(end[1]) });
        };
        onEnd = reject;
        // A program that reads its input must not eat the commands after it.
        const block = `{\n${commands}\n} < /dev/null 2>&1`;
        shell.stdin.write(`failed=0\ntrap 'failed=$?' ERR\n${block}\nprintf '\\n%s %s\\n' ${mark} $failed\n`);
      });
    },
    close: () => shell.stdin.end(),
  };
}
