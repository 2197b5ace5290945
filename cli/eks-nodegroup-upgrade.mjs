#!/usr/bin/env -S node --
// The -- is for our own --env-file: without it Node takes that option for its own, wherever it stands.
// Plain JavaScript, so that an old Node can read it: the program itself is TypeScript, which Node runs from 22.18 on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);

/** The Node that npm installed as an optional dependency; none on platforms it has no package for. */
function bundledNode() {
  const here = dirname(fileURLToPath(import.meta.url));
  const { resolve } = createRequire(import.meta.url);
  const candidates = [join(here, '../node_modules/.bin/node')];
  try {
    candidates.push(join(dirname(resolve(`node-${process.platform}-${process.arch}/package.json`)), 'bin/node'));
  } catch {
    // Not installed.
  }
  return candidates.find((path) => existsSync(path));
}

if (isNewEnough) {
  const { main } = await import('./cli.ts');
  await main();
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(
      `eks-nodegroup-upgrade needs Node 22.18 or later; this is ${process.versions.node}. Install Node 24, or run npm ci here.`,
    );
    process.exitCode = 3;
  } else {
    const cli = join(dirname(fileURLToPath(import.meta.url)), 'cli.ts');
    const child = spawn(node, ['--', cli, ...process.argv.slice(2)], { stdio: 'inherit' });
    // The child decides how to end. A terminal sends it Ctrl-C as well, where a second SIGINT would mean "at once"; anybody
    // else only knows this process: so an interrupt is passed on as the other signal that ends it in good order.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
    });
  }
}
