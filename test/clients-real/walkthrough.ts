import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ShellBlock, shellBlocksOf } from '../support/shell-blocks.ts';
import { check } from './checks.ts';
import { startClient } from './client-program.ts';
import { startShell } from './shell-session.ts';

/** docs/walkthrough.md, command by command as it stands there, in the terminals that it names. */

const ROOT = join(import.meta.dirname, '../..');
const blocks = shellBlocksOf(readFileSync(join(ROOT, 'docs/walkthrough.md'), 'utf8'));

/** A clone of the project to stand in, which keeps what the page writes out of the real one. */
function folderOfReader(): string {
  const folder = mkdtempSync(join(tmpdir(), 'walkthrough-'));
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(folder, name));
  const exported = Object.entries(process.env).filter(([name]) => /^(AWS_|KUBECONFIG$|EKS_)/.test(name));
  // What the sandbox of the page's first step would have written; this script's own runs already.
  writeFileSync(join(folder, 'sandbox.env'), exported.map(([name, value]) => `export ${name}='${value}'\n`).join(''));
  return folder;
}

const folder = folderOfReader();
const shell = startShell(folder);
const watch = startClient('kubectl', ['get', 'nodes', '--watch']);

const titleOf = ({ commands }: ShellBlock) => commands.trim().split('\n').at(-1)?.slice(0, 110);
const said: string[] = [];
for (const block of blocks.filter(({ terminal }) => terminal === undefined)) {
  await check(`the page's ${titleOf(block)}`, async () => {
    const { text, exitCode } = await shell.run(block.commands);
    said.push(text);
    assert.equal(exitCode, block.exitCode, text);
    if (block.output !== undefined) assert.equal(text.trim(), block.output.trim());
  });
}

const saidBy = (command: string) =>
  said[
    blocks.filter(({ terminal }) => terminal === undefined).findIndex(({ commands }) => commands.includes(command))
  ] ?? '';

await check('the update succeeded, and the group runs the recommended release', () => {
  assert.match(saidBy('aws eks list-updates'), /\nSuccessful\n1\.33\.5-20251229\s*$/);
});

await check('kubectl get nodes --watch shows old nodes closed and gone, and new ones Ready', async () => {
  const lines = (await watch.stop()).stdout.split('\n').map((line) => line.split(/\s+/));
  const names = new Set(lines.flatMap(([name = '']) => (/^ip-/.test(name) ? [name] : [])));
  // Three old ones, three on the recommended release and three on the older one again, and the surges between.
  assert.ok(names.size >= 9, `${names.size} nodes`);
  assert.ok(lines.some(([, status]) => status === 'Ready,SchedulingDisabled'));
  assert.ok(lines.some(([, status = '']) => status.startsWith('NotReady')));
});

await check('outdated says how far behind the group is', () => {
  assert.match(saidBy('outdated'), /default .*1\.33\.5-20251120 .*1\.33\.5-20251229 .*39/);
});

await check('the report of the way back names the engine, the update and every node', () => {
  const report = saidBy('--format markdown');
  assert.match(report, /EKS/);
  assert.match(report, /3 of 3/);
  assert.match(readFileSync(join(folder, 'walkthrough-report.html'), 'utf8'), /<svg/);
});

shell.close();
