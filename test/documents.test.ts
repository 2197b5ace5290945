import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { INVARIANTS } from '../simulation/invariants/invariants.ts';
import { REFERENCE_PAGES } from '../tooling/docs/pages.ts';
import { KNOWN_FAULTS } from './real/known-faults.ts';
import { shellBlocksOf } from './support/shell-blocks.ts';
import { sourceFiles } from './support/source-files.ts';

const documents = sourceFiles(['.'], /\.md$/);
const none = (faults: readonly string[]) => assert.deepEqual(faults, [], faults.join('\n'));

describe('the documents', () => {
  it('README has at most 150 lines', () => {
    const lines = readFileSync('README.md', 'utf8').trimEnd().split('\n').length;
    assert.ok(lines <= 150, `README.md has ${lines}: move what few readers need to docs/`);
  });

  it('README shows the two commands on its first screen', () => {
    const firstScreen = readFileSync('README.md', 'utf8').split('\n').slice(0, 40).join('\n');
    for (const command of ['npm run demo', 'npm test'])
      assert.ok(firstScreen.includes(command), `README.md: show \`${command}\``);
  });

  it('run nothing from npm that is not installed: a stranger may own the name', () => {
    const files = [...documents, ...sourceFiles(['.ci', 'cli', 'sandbox', 'scripts'], /\.(ts|mjs|cjs|ya?ml)$|^run$/)];
    none(
      files.flatMap(({ path, text }) =>
        [...text.matchAll(/\bnpx (?!--no )[^\n`]*|\bnpx --no [\w-]+ -[^\n`]*|\bnpm (exec|x) [^\n`]*/g)].map(
          ([command]) => `${path}: \`${command}\`: write npx --no, and -- before the program of an option`,
        ),
      ),
    );
  });

  it('link to files that exist', () => {
    none(
      documents.flatMap(({ path, text }) =>
        [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)|(?:src|href)="(?!https?:|#)([^"#]+)"/g)]
          .map(([, link, source]) => (link ?? source) as string)
          .filter((link) => !existsSync(join(dirname(path), link)))
          .map((link) => `${path} links to ${link}, which does not exist`),
      ),
    );
  });

  for (const { path, text } of documents.filter((document) => document.path.startsWith('docs/decisions/'))) {
    it(`${path} gives context, decision and consequences`, () => {
      assert.match(path, /\/\d{4}-[a-z0-9-]+\.md$/, `${path}: number it, e.g. 0008-why.md`);
      for (const heading of ['Context', 'Decision', 'Consequences']) {
        assert.match(text, new RegExp(`^## ${heading}$`, 'm'), `${path} lacks "## ${heading}"`);
      }
    });
  }

  it('decisions are numbered without gaps or doubles', () => {
    const numbers = documents.flatMap(({ path }) => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1] ?? []);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => String(index + 1).padStart(4, '0')),
    );
  });

  it('docs/guarantees.md has the promise of every invariant, and names no invariant and no test that does not exist', () => {
    const page = readFileSync('docs/guarantees.md', 'utf8');
    const rowOf = (name: string) => page.split('\n').find((line) => line.includes(`| ${name} ([`)) ?? '';
    none(
      INVARIANTS.filter(({ name, promise }) => !rowOf(name).startsWith(`| ${promise} |`)).map(
        ({ name, promise }) =>
          `docs/guarantees.md: give the invariant "${name}" the row "| ${promise} | ${name} (…) |"`,
      ),
    );
    const names = new Set(INVARIANTS.map(({ name }) => name));
    none(
      [...page.matchAll(/\| ([^|]+) \(\[`/g)]
        .flatMap(([, name = '']) => (names.has(name) ? [] : [name]))
        .map((name) => `docs/guarantees.md names the invariant "${name}", which does not exist`),
    );
    none(
      [...page.matchAll(/`((?:test|simulation)\/[^`\s]+)`/g)]
        .flatMap(([, path = '']) => (existsSync(path) ? [] : [path]))
        .map((path) => `docs/guarantees.md names ${path}, which does not exist`),
    );
  });

  it('say of each known fault of an emulator what AWS does, by a page of AWS, and of no other', () => {
    const sections = new Map(
      readFileSync('docs/sandbox-fidelity.md', 'utf8')
        .split(/^#{2,3} /m)
        .map((section) => [section.split('\n', 1)[0] as string, section]),
    );
    none(
      KNOWN_FAULTS.filter(({ heading }) => !sections.get(heading)?.includes('(https://docs.aws.amazon.com/')).map(
        ({ heading }) => `docs/sandbox-fidelity.md: give "### ${heading}" a link to the page of AWS`,
      ),
    );
    const known = new Set(KNOWN_FAULTS.map(({ heading }) => heading));
    none(
      [...sections.keys()]
        .filter((heading) => /^(moto|MiniStack): /.test(heading) && !known.has(heading))
        .map((heading) => `test/real/known-faults.ts lacks "${heading}"`),
    );
  });

  for (const [page, least] of [
    ['CONTRIBUTING.md', 50],
    ['docs/how-it-works.md', 5],
  ] as const) {
    it(`name in ${page} only files and folders that exist`, () => {
      const paths = sourceFiles(['.'], /\.(ts|cjs|mjs|ya?ml|md|json)$|^run$/).map(({ path }) => path);
      /** A path from the top, or a name alone, which may be anywhere; `<kebab-name>` and `*` are any name. */
      const patternOf = (name: string) => {
        const isFromTop = /\/./.test(name);
        const text = name.replaceAll('.', '\\.').replace(/<[\w-]+>|\*/g, '[^/]+');
        return new RegExp(`${isFromTop ? '^' : '(^|/)'}${text}${name.endsWith('/') ? '' : '$'}`);
      };
      const named = [...readFileSync(page, 'utf8').matchAll(/`([^`\s~]+\/|[^`\s~]+\.\w+|\.ci\/run)`/g)];
      assert.ok(named.length > least, `${named.length} names`);
      none(
        named
          .map(([, name]) => name as string)
          .filter((name) => !paths.some((path) => patternOf(name).test(path)))
          .map((name) => `${page} names ${name}, which does not exist`),
      );
    });
  }

  it('list every folder of the tree in CONTRIBUTING', () => {
    const contributing = readFileSync('CONTRIBUTING.md', 'utf8');
    for (const folder of [
      'statemachines',
      'functions',
      'domain',
      'operations',
      'report',
      'clients',
      'cli',
      'sandbox',
      'scripts',
      'test',
      'kubernetes',
      'docs',
      'iam',
    ]) {
      assert.ok(contributing.includes(`${folder}/`), `CONTRIBUTING.md: say what ${folder}/ is for`);
    }
  });
});

describe('the walkthrough', () => {
  const [english, vietnamese] = ['docs/walkthrough.md', 'docs/walkthrough.vi.md'].map((path) =>
    shellBlocksOf(readFileSync(path, 'utf8')),
  );

  it('gives the same commands in both languages', () => {
    assert.deepEqual(vietnamese, english);
  });

  it('has the five commands of the owner, in their order', () => {
    const owners = (english ?? []).filter(({ isOwners }) => isOwners).map(({ commands }) => commands.trim());
    assert.deepEqual(owners, [
      'EKS_VERSION=$(aws eks describe-cluster --name $EKS_CLUSTER_NAME --query "cluster.version" --output text)',
      'aws ssm get-parameter --name /aws/service/eks/optimized-ami/$EKS_VERSION/amazon-linux-2023/x86_64/standard/recommended/image_id --region $AWS_REGION --query "Parameter.Value" --output text',
      'aws eks update-nodegroup-version --cluster-name $EKS_CLUSTER_NAME --nodegroup-name $EKS_DEFAULT_MNG_NAME',
      'kubectl get nodes --watch',
      'aws eks wait nodegroup-active --cluster-name $EKS_CLUSTER_NAME --nodegroup-name $EKS_DEFAULT_MNG_NAME',
    ]);
  });
});

describe('the versions of the tools', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

  it('agrees on the Node.js it runs on: .nvmrc, npm, Lambda', () => {
    const major = readFileSync('.nvmrc', 'utf8').trim();
    const installed = Object.entries(
      JSON.parse(readFileSync('scripts/node/package.json', 'utf8')).optionalDependencies as Record<string, string>,
    );
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'win-x64']) {
      assert.ok(
        installed.some(([name]) => name === `node-${platform}`),
        `scripts/node/package.json: Node.js for ${platform} as an optional dependency`,
      );
    }
    for (const [name, version] of installed)
      assert.equal(version.split('.')[0], major, `scripts/node/package.json: ${name}`);
    assert.equal(
      parse(readFileSync('serverless.yml', 'utf8')).provider.runtime,
      `nodejs${major}.x`,
      'serverless.yml: runtime',
    );
    assert.equal(manifest.devDependencies['@types/node'].split('.')[0], major, 'package.json: @types/node');
  });

  it('pins every dependency, so that a clone builds what was tested', () => {
    none(
      ['package.json', ...manifest.workspaces.map((folder: string) => `${folder}/package.json`)].flatMap((path) => {
        const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(path, 'utf8'));
        const all: Record<string, string> = { ...dependencies, ...devDependencies, ...optionalDependencies };
        return Object.entries(all)
          .filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version))
          .map(([name, version]) => `${path}: ${name} ${version}: write one exact version`);
      }),
    );
  });

  it('has a line in the decision on libraries for each dependency', () => {
    const decision = readFileSync('docs/decisions/0007-libraries.md', 'utf8');
    none(
      ['package.json', 'sandbox/package.json'].flatMap((path) => {
        const { dependencies, devDependencies } = JSON.parse(readFileSync(path, 'utf8'));
        return Object.keys({ ...dependencies, ...devDependencies })
          .filter((name) => !name.startsWith('@types/') && name !== 'eks-sandbox')
          .map((name) => name.replace(/^@aws-sdk\/client-.*/, '@aws-sdk/client-*'))
          .filter((name) => !decision.includes(`\`${name}\``))
          .map((name) => `docs/decisions/0007-libraries.md: say why ${name} (${path}) was taken`);
      }),
    );
  });

  it('carries the version of the change log', () => {
    const newest = /^## (\d+\.\d+\.\d+)/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1];
    assert.equal(newest, manifest.version, 'CHANGELOG.md: begin a section for the version in package.json');
  });
});

describe('the generated pages', () => {
  for (const { path, text } of REFERENCE_PAGES) {
    it(`${path} says what its source says`, () => {
      assert.equal(readFileSync(path, 'utf8'), text(), `run npm run docs: ${path} is out of date`);
    });
  }
});
