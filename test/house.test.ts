import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ERROR_CLASSES, ERROR_NAMES } from '../domain/errors.ts';
import { functionFiles } from '../tooling/function-files.ts';
import { callsFunction, type PlacedState, readDefinitions } from './support/definitions.ts';
import { type SourceFile, sourceFiles, stepBodyLines, withoutComments } from './support/source-files.ts';

/*
 * The rules of the house that a machine can check. A failure names the file and what to do. The rules themselves are
 * explained in CONTRIBUTING.md.
 */

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const code = sourceFiles(
  [
    'clients',
    'cli',
    'domain',
    'functions',
    'iam',
    'operations',
    'tooling',
    'report',
    'sandbox',
    'scripts',
    'simulation',
    'statemachines',
    'test',
  ],
  /\.(ts|mjs|cjs|py)$/,
);
/** Everything but the file that must spell out what is forbidden. */
const own = sourceFiles(
  ['.'],
  /\.(ts|mjs|cjs|cts|py|ya?ml|json|md|svg|html|sh)$|^(run|LICENSE|\.nvmrc|\.npmrc)$/,
).filter(({ path }) => path !== 'test/house.test.ts');
const under = (...folders: string[]) =>
  code.filter(
    ({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)) && !path.startsWith('sandbox/test/'),
  );
/** The rooms whose code is the same for the same arguments: decisions, steps and reports. */
const PURE = ['domain', 'functions', 'operations', 'report'] as const;
const functions = under('functions');
const baseName = (path: string) => path.replace(/^.*\//, '').replace(/\..*$/, '');
const camel = (kebab: string) => kebab.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (kebab: string) => camel(`-${kebab}`);
const none = (faults: readonly string[]) => assert.deepEqual(faults, [], faults.join('\n'));

// ---------------------------------------------------------------------------------------------------------------------

const definitions = readDefinitions();
const tasks = definitions.filter(callsFunction);
const nestedTasks = definitions.filter((each) => each.state.Type === 'Task' && !callsFunction(each));
const knownErrors: readonly string[] = Object.values(ERROR_NAMES).flat();

/** State machines of serverless.yml, by the key of their definition. */
const machines = parse(readFileSync('serverless.yml', 'utf8')).stepFunctions.stateMachines as Record<
  string,
  { readonly id: string }
>;
/** Key of the function that a Task calls. */
const functionOf = ({ state }: PlacedState) => (state.Resource as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0] ?? '';
const ownKey = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

describe('the house: steps', () => {
  const files = functionFiles();
  const called = new Set(tasks.map(functionOf));

  it('has one file in functions/ for every function that a Task calls', () => {
    assert.deepEqual(
      files.flatMap(({ key, isStep }) => (isStep ? [key] : [])).sort(),
      [...called].sort(),
      'add or remove the file in functions/, or the Task state',
    );
  });

  it('has one entry in serverless.yml for every function, of the same name', () => {
    const entries = parse(readFileSync('serverless.yml', 'utf8')).functions as Record<
      string,
      { handler: string; role: string; events?: object[] }
    >;
    assert.deepEqual(
      Object.keys(entries).sort(),
      files.map(({ key }) => key).sort(),
      'correct `functions` in serverless.yml',
    );
    for (const { key, name, isStep } of files) {
      const { handler, role, events } = entries[key] ?? {};
      assert.equal(handler, `dist/lambda/${name}.handler`, `handler of ${key} in serverless.yml`);
      assert.equal(role, `${key.charAt(0).toUpperCase()}${key.slice(1)}Role`, `role of ${key} in serverless.yml`);
      assert.equal(events === undefined, isStep, `${key}: a Task, or events in serverless.yml`);
    }
  });

  for (const task of tasks) {
    it(`${task.name} invokes the function of its name, or one that has a Task of its name in the same definition`, () => {
      const file = task.where.split(':')[0] as string;
      const owner = tasks.find(({ name, where }) => ownKey(name) === functionOf(task) && where.startsWith(`${file}:`));
      assert.ok(owner, `${task.where} calls ${functionOf(task)}`);
    });
  }

  for (const { where, name, state } of nestedTasks) {
    it(`${name} runs an execution of the state machine of its name, or of its own, and waits for it`, () => {
      assert.deepEqual(
        state.Resource,
        { 'Fn::Sub': 'arn:${AWS::Partition}:states:::states:startExecution.sync:2' },
        where,
      );
      const isOwn = state.Parameters?.['StateMachineArn.$'] === '$$.StateMachine.Id';
      if (isOwn) return;
      assert.deepEqual(state.Parameters?.StateMachineArn, { Ref: name }, where);
      const ids = Object.values(machines).map(({ id }) => id);
      assert.ok(ids.includes(name), `${where}: serverless.yml has the state machines ${ids}`);
    });
  }

  it('has one state machine in serverless.yml for every definition', () => {
    const definitionKeys = sourceFiles(['statemachines'], /\.asl\.yaml$/).map(({ path }) => camel(baseName(path)));
    assert.deepEqual(Object.keys(machines).sort(), definitionKeys.sort());
    for (const [key, { id }] of Object.entries(machines)) assert.equal(id, pascal(key));
  });

  for (const { path, text } of functions) {
    it(`${path} exports its step and its handler, and nothing else`, () => {
      const exported = [...withoutComments(text).matchAll(/^export (?:const|function|async function) (\w+)/gm)].map(
        ([, name]) => name,
      );
      assert.deepEqual(
        exported.sort(),
        ['handler', camel(baseName(path))].sort(),
        `${path}: rename or move the others`,
      );
    });

    it(`${path} has a step of at most 20 lines`, () => {
      const lines = stepBodyLines(text);
      assert.ok(lines <= 20, `${path} has ${lines}: gather, decide, act, report; decisions belong in domain/`);
    });

    it(`${path} neither catches nor logs`, () => {
      const found = withoutComments(text).match(/\bcatch\b|\bconsole\./);
      assert.equal(found, null, `${path}: errors are mapped in clients/, logging is done by clients/lambda/handler.ts`);
    });
  }
});

describe('the house: errors', () => {
  it('has a class for every name', () => {
    assert.deepEqual(Object.keys(ERROR_CLASSES).sort(), [...knownErrors].sort(), 'correct domain/errors.ts');
  });

  for (const [name, ErrorClass] of Object.entries(ERROR_CLASSES)) {
    it(`${name} calls itself by a literal name`, () => assert.equal(new ErrorClass('said').name, name));
  }

  it('promises in @throws only errors that exist', () => {
    none(
      under(...PURE, 'clients').flatMap(({ path, text }) =>
        [...text.matchAll(/@throws ((?:\{\w+\} ?)+)/g)]
          .flatMap(([, names]) => [...(names as string).matchAll(/\w+/g)].map(([name]) => name))
          .filter((name) => !knownErrors.includes(name) && name !== 'Error' && name !== 'TypeError')
          .map((name) => `${path}: @throws {${name}} is not in domain/errors.ts`),
      ),
    );
  });
});

// ---------------------------------------------------------------------------------------------------------------------

/** What code may not say: files, the words, and what to do instead. */
const WORD_RULES: readonly [title: string, files: readonly SourceFile[], forbidden: RegExp, instead: string][] = [
  [
    'only scripts and the composition root read the environment',
    under(...PURE, 'clients', 'sandbox').filter(({ path }) => path !== 'clients/lambda/handler.ts'),
    /\bprocess\.env\b/,
    'take it as an argument',
  ],
  [
    'decisions, steps and reports have no clock',
    under(...PURE),
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    'instants come in as arguments, or from deps.clock',
  ],
  [
    'decisions, steps and reports leave nothing to luck',
    under(...PURE),
    /\bMath\.random\b|\brandomUUID\b/,
    'take a random source as an argument',
  ],
  [
    'the sandbox is deterministic',
    under('sandbox').filter(({ path }) => path !== 'sandbox/world/paced-clock.ts'),
    /\bMath\.random\b|\brandomUUID\b|\bDate\.now\b|\bnew Date\(\)/,
    'use Random.fork and clock.now',
  ],
  [
    'decisions, steps and reports do not sleep',
    under(...PURE),
    /\bset(Timeout|Interval|Immediate)\b/,
    'use a Wait state, or deps.clock.sleep in an operation',
  ],
  [
    'tests run all, always',
    code.filter(({ path }) => /^(sandbox\/)?test\//.test(path)),
    /\b(describe|it|context|specify)\.(only|skip)\b|\bthis\.skip\(/,
    'remove it',
  ],
  ['types are not silenced', code, /@ts-(ignore|nocheck|expect-error)\b/, 'mend the type'],
];

/** A folder or a registry of the machine a file was written on. A host ends in a top-level domain. */
const MACHINE =
  /(?<![\w.])\/(work|root|home|Users)\/[\w.-]+|\bregistry\.(?!k8s\.io)([\w-]+\.)+(com|net|org|io|dev|local|internal|test)\b|"resolved":\s*"http/;

const WORDS = /^(utils?|helpers?|managers?|common|misc|shared)$/;

describe('the house: words', () => {
  for (const [title, files, forbidden, instead] of WORD_RULES) {
    it(title, () => {
      none(
        files.flatMap(({ path, text }) => {
          const found = (instead === 'mend the type' ? text : withoutComments(text)).match(forbidden);
          return found === null || path === 'test/house.test.ts' ? [] : [`${path} says ${found[0]}: ${instead}`];
        }),
      );
    });
  }
});

describe('the house: files', () => {
  it('are named in kebab-case, after one idea', () => {
    none(
      code
        .filter(
          ({ path }) =>
            !path
              .split('/')
              .slice(1)
              .every((part) => KEBAB.test(part.replace(/\..*$/, ''))) ||
            path.split('/').some((part) => WORDS.test(baseName(part))),
        )
        .map(({ path }) => `${path}: kebab-case, and no utils, helpers, manager or common`),
    );
  });

  it('have at most 400 lines', () => {
    none(
      under(...PURE, 'cli', 'clients', 'sandbox')
        .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
        .filter(({ lines }) => lines > 400)
        .map(({ path, lines }) => `${path} has ${lines} lines: give each idea its own file`),
    );
  });

  it('leave nothing to be done later', () => {
    const later = /\b(TODO|FIXME|XXX)\b/;
    none(own.flatMap(({ path, text }) => (later.test(text) ? [`${path}: do it, or write an issue`] : [])));
  });

  it('tell nothing of the machine they were written on', () => {
    none(
      own.flatMap(({ path, text }) => {
        const found = text.match(MACHINE);
        return found === null ? [] : [`${path} says ${found[0]}`];
      }),
    );
  });

  it('may have a variable called registry, which is no host', () => {
    assert.match('https://registry.example.com/x', MACHINE);
    for (const text of ['registry.k8s.io/pause:3.10', 'registry.find(name)?.id', 'registry.ports.aws'])
      assert.doesNotMatch(text, MACHINE);
  });

  it('name no AWS account but the one of the documentation', () => {
    none(
      own.flatMap(({ path, text }) =>
        [...text.matchAll(/\barn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})\b/g)]
          .filter(([, account]) => account !== '111122223333')
          .map(([arn]) => `${path}: ${arn}: use 111122223333`),
      ),
    );
  });
});
