import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadScenario, parseScenario } from '../../world/load-scenario.ts';
import { scenarioSchema } from '../../world/scenario.ts';

const FOLDER = join(import.meta.dirname, '../../scenarios');
const files = readdirSync(FOLDER);

describe('a shipped scenario', () => {
  for (const file of files) {
    const path = join(FOLDER, file);

    it(`${file} is one, named as its file, and says what it shows`, () => {
      const scenario = loadScenario(path);
      assert.equal(`${scenario.name}.yaml`, file);
      assert.match(scenario.description, /^[A-Z].*\.$/);
      assert.match(readFileSync(path, 'utf8'), /^# [A-Z]/);
    });

    it(`${file} has faults only for groups and zones that it has`, () => {
      const { clusters, faults } = loadScenario(path);
      const groups = clusters.flatMap((cluster) => cluster.groups);
      for (const fault of faults) {
        if ('group' in fault) assert.ok(groups.some(({ name }) => name === fault.group));
        if ('zone' in fault) assert.ok(groups.some(({ zones }) => zones.includes(fault.zone)));
      }
    });
  }
});

describe('a scenario file', () => {
  const sound = {
    clusters: [
      {
        name: 'shop',
        groups: [{ name: 'a', zones: ['eu-west-1a'], minSize: 1, maxSize: 2, desiredCapacity: 1, amiId: 'ami-1' }],
      },
    ],
  };
  const [cluster] = sound.clusters;
  const [group] = cluster?.groups ?? [];

  const unknown: readonly (readonly [where: string, key: string, scenario: object, path: RegExp])[] = [
    ['the scenario', 'clutsers', { ...sound, clutsers: [] }, /clutsers/],
    ['a cluster', 'kind', { clusters: [{ ...cluster, kind: 'eks' }] }, /clusters\[0\]/],
    ['a group', 'size', { clusters: [{ ...cluster, groups: [{ ...group, size: 3 }] }] }, /clusters\[0\]\.groups\[0\]/],
    [
      'a workload',
      'replica',
      { clusters: [{ ...cluster, workloads: [{ kind: 'Pod', name: 'a', replica: 1 }] }] },
      /clusters\[0\]\.workloads\[0\]/,
    ],
    ['a fault', 'often', { ...sound, faults: [{ kind: 'lostResponse', action: 'A', often: 2 }] }, /faults\[0\]/],
    ['the timings', 'bootSeconds', { ...sound, timings: { bootSeconds: 2 } }, /timings/],
  ];
  for (const [where, key, scenario, path] of unknown)
    it(`is refused when ${where} has an unknown key, with that key, its place and the file named`, () => {
      assert.throws(
        () => parseScenario(JSON.stringify(scenario), 'mine.yaml'),
        ({ message }: Error) => message.startsWith('mine.yaml ') && message.includes(`"${key}"`) && path.test(message),
      );
    });

  it('is refused when it is empty', () => {
    assert.throws(() => parseScenario('', 'mine.yaml'), /mine\.yaml is not a scenario/);
  });

  it('is refused when it is not YAML, with the file named', () => {
    assert.throws(() => parseScenario('clusters: [', 'mine.yaml'), /mine\.yaml is not a scenario/);
  });
});

describe('the JSON schema that sandbox --schema prints', () => {
  const validate = new Ajv.default({ strict: false, formats: { 'date-time': true } }).compile(
    z.toJSONSchema(scenarioSchema, { io: 'input' }),
  );

  for (const file of files)
    it(`takes ${file}`, () => {
      assert.ok(validate(parse(readFileSync(join(FOLDER, file), 'utf8'))), JSON.stringify(validate.errors));
    });

  it('refuses an unknown key and names it', () => {
    assert.equal(validate({ clusters: [{ name: 'shop', groups: [], colour: 'red' }] }), false);
    assert.deepEqual(validate.errors?.[0]?.params, { additionalProperty: 'colour' });
  });
});
