import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { machinesNode } from '../support/machines-node.ts';
import { NAME, pack, pathWith, run, version } from './packed.ts';

/*
 * The package, as somebody uses it who has no checkout: made by `npm pack`, installed in an empty folder, run there.
 */

/** Simulated seconds per real second: a small upgrade in a few seconds. */
const SPEED = 200;
const END_LIMIT_MS = 15_000;

/** All files below a folder, relative to it. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

describe('the package', () => {
  let folder: string;
  let tarball: string;

  before(async () => {
    ({ folder, tarball } = await pack());
  });

  const nodes = [...new Map([machinesNode(), process.execPath].map((node) => [dirname(node), node])).values()];
  for (const [index, node] of nodes.entries()) {
    describe(`installed in an empty folder, with ${index === 0 ? "the machine's own Node" : 'the Node of the checkout'}`, () => {
      let home: string;
      let installed: string;
      let env: NodeJS.ProcessEnv;
      let sandbox: ChildProcess | undefined;
      let ended: Promise<unknown>;
      let exports: NodeJS.ProcessEnv;

      const npx = (...argv: string[]) =>
        run('npx', ['--no', '--', NAME, ...argv], { cwd: home, env: { ...env, ...exports } });

      before(async () => {
        home = join(folder, `home-${index}`);
        mkdirSync(home);
        exports = {};
        env = { PATH: pathWith(node), HOME: home };
        // Offline: nothing but the tarball is installed.
        const { code, stderr } = await run('npm', ['install', '--offline', tarball], { cwd: home, env });
        assert.equal(code, 0, stderr);
        installed = join(home, 'node_modules', NAME);
      });

      it('is one package, with no Node, no tests and no TypeScript in it', () => {
        const packages = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'));
        assert.deepEqual(packages, [NAME]);
        const unwanted = /(^|\/)(test|node_modules)\/|\.[cm]?tsx?$|(^|\/)node(\.exe)?$/;
        assert.deepEqual(
          filesOf(installed).filter((file) => unwanted.test(file)),
          [],
        );
      });

      it('holds the template, and each bundle that it names', () => {
        const read = (path: string) => readFileSync(join(installed, '.serverless', path), 'utf8');
        const { Resources } = JSON.parse(read('cloudformation-template-update-stack.json')) as {
          Resources: Record<string, { Type: string; Properties: { Code: { S3Key: string } } }>;
        };
        const bundles = Object.values(Resources)
          .filter(({ Type }) => Type === 'AWS::Lambda::Function')
          .map(({ Properties }) => Properties.Code.S3Key.replace(/^.*\//, ''));
        assert.notEqual(bundles.length, 0);
        assert.deepEqual(
          readdirSync(join(installed, '.serverless'))
            .filter((file) => file.endsWith('.zip'))
            .sort(),
          bundles.sort(),
        );
      });

      it('holds every file that its README links to', () => {
        const readme = readFileSync(join(installed, 'README.md'), 'utf8');
        const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link]) => link as string);
        assert.ok(links.includes('sandbox/README.md'));
        assert.deepEqual(
          links.filter((link) => !existsSync(join(installed, link))),
          [],
        );
      });

      it('says nothing of the machine it was made on', () => {
        const texts = filesOf(installed).filter((file) => /\.(mjs|json|md|yaml)$/.test(file));
        assert.deepEqual(
          texts.filter((file) => readFileSync(join(installed, file), 'utf8').includes(process.cwd())),
          [],
        );
      });

      it('tells its version and its commands', async () => {
        assert.deepEqual(await npx('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
        const help = await npx('--help');
        assert.equal(help.stderr, '');
        for (const command of ['plan', 'start', 'sandbox', 'report'])
          assert.match(help.stdout, new RegExp(`\\b${command}\\b`));
        assert.match((await npx('help')).stdout, /\bplan\b/);
      });

      it('refuses an unknown command as in a checkout', async () => {
        const { code, stderr } = await npx('plam');
        assert.equal(code, 2);
        assert.match(stderr, /did you mean plan\?/);
      });

      describe('against its own sandbox', () => {
        before(async () => {
          const file = join(home, 'sandbox.env');
          const scenario = join(installed, 'sandbox/scenarios/already-renewed.yaml');
          const argv = [
            '--no',
            '--',
            NAME,
            'sandbox',
            '--speed',
            `${SPEED}`,
            '--write-env',
            file,
            '--scenario',
            scenario,
          ];
          // A group of its own, so that nothing is left of it even if it does not end by itself.
          sandbox = spawn('npx', argv, { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
          ended = once(sandbox, 'close');
          await new Promise<void>((resolve) => {
            sandbox?.stdout?.on('data', (text: Buffer) => text.includes('Ctrl-C') && resolve());
            sandbox?.once('close', () => resolve());
          });
          const text = readFileSync(file, 'utf8');
          exports = Object.fromEntries(
            [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
          );
        });
        after(async () => {
          if (sandbox === undefined) return;
          sandbox.kill('SIGTERM');
          // Its output closes when the last process that writes to it has ended.
          const outcome = await Promise.race([ended, delay(END_LIMIT_MS, 'still running', { ref: false })]);
          if (outcome === 'still running') process.kill(-(sandbox.pid as number), 'SIGKILL');
          assert.notEqual(outcome, 'still running');
          assert.equal(existsSync(exports.KUBECONFIG as string), false, 'the sandbox has ended without tidying up');
        });

        it('plans, upgrades, and reports what happened', async () => {
          const target = ['--cluster', 'shop', '--auto-scaling-group', 'shop-workers'];
          const plan = await npx('plan', ...target);
          assert.equal(plan.stderr, '');
          assert.match(plan.stdout, /outdated/);
          assert.equal(plan.code, 0);
          const upgrade = await npx('start', ...target, '--watch');
          assert.equal(upgrade.code, 0, upgrade.stdout + upgrade.stderr);
          const report = await npx('report', '--format', 'json', '--output', '-');
          assert.equal(report.code, 0, report.stderr);
          assert.equal(JSON.parse(report.stdout).status, 'SUCCEEDED');
          assert.equal((await npx('report')).code, 0);
          assert.ok(readdirSync(home).some((file) => file.endsWith('.html')));
        });
      });
    });
  }
});
