import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { prepareLocalStack } from '../real/harness/prepare-localstack.ts';
import { prepareReal } from '../real/harness/tools.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/test-real.ts');

/** A program of the PATH that prints its version and does nothing else. */
const saying = (version: string) => `#!/bin/sh\n[ $# -eq 1 ] && echo "${version}"\n`;
const GO = saying('go version go1.26.2 linux/amd64');
const PYTHON = saying('Python 3.12.3');

describe('the tests against real services, before they build anything,', function () {
  this.timeout(120_000);

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-tools-'));
  });
  afterEach(() => {
    sinon.restore();
    rmSync(folder, { recursive: true, force: true });
  });

  const rows: [title: string, programs: Readonly<Record<string, string>>, sentence: RegExp][] = [
    [
      'say that Go is missing, and where it is',
      { python3: PYTHON },
      /need Go 1\.25 or later, and Go is missing: install it from https:\/\/go\.dev/,
    ],
    [
      'say that Go is too old',
      { go: saying('go version go1.21.3 linux/amd64'), python3: PYTHON },
      /Go is 1\.21, which is too old/,
    ],
    [
      'say that Python is missing, and where it is',
      { go: GO },
      /need Python 3\.10 or later, and Python is missing: .*python3-venv/,
    ],
    ['say that Python is too old', { go: GO, python3: saying('Python 3.8.10') }, /Python is 3\.8, which is too old/],
    [
      'say that Python cannot make virtual environments, and what to install',
      { go: GO, python3: `#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.12.3"\n` },
      /need the venv module of Python, which is missing: apt-get install python3-venv/,
    ],
  ];
  const install = (programs: Readonly<Record<string, string>>) => {
    for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), script, { mode: 0o755 });
    return { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  };
  for (const [title, programs, sentence] of rows) {
    it(title, async () => {
      sinon.stub(process, 'env').value(install(programs));
      await assert.rejects(prepareReal(assert.fail), { name: 'MissingTool', message: sentence });
    });
  }

  it("say that LocalStack's interpreter needs Python 3.13, and how to get it", async () => {
    sinon.stub(process, 'env').value({ ...install({ python3: PYTHON }), HOME: folder });
    await assert.rejects(prepareLocalStack(assert.fail), {
      name: 'MissingTool',
      message: /needs Python 3\.13, which is missing: .*pyenv install 3\.13/,
    });
  });

  it('end with that sentence and with a failure', () => {
    const [[, programs, sentence]] = rows as [(typeof rows)[number]];
    const env = install(programs);
    const { status, stdout } = spawnSync(process.execPath, [SCRIPT], { env, encoding: 'utf8', stdio: 'pipe' });
    assert.match(stdout, sentence);
    assert.match(stdout, /^0 passed, 1 failed$/m);
    assert.equal(status, 1);
  });
});
