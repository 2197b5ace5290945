/** What a watch has said so far can be long; its end tells most. */
const REASON_LINES = 30;

/** Say how a group of assertions came out, as a line that run.ts counts; the script goes on after a failure. */
export async function check(title: string, assertions: () => unknown): Promise<void> {
  try {
    await assertions();
    process.stdout.write(`ok - ${title}\n`);
  } catch (error) {
    process.exitCode = 1;
    const reason = error instanceof Error ? error.message : String(error);
    const [first, ...further] = reason.trimEnd().split('\n');
    process.stdout.write(`not ok - ${title}\n    ${[first, ...further.slice(-REASON_LINES)].join('\n    ')}\n`);
  }
}
