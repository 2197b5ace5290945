import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../step-functions/expressions/json.ts';
import { parseJsonPath, placeAtPath, readJsonPath } from '../../step-functions/expressions/json-path.ts';

const read = (path: string, document: Json) => readJsonPath(parseJsonPath(path), document);
const place = (path: string, document: Json, value: Json) => placeAtPath(parseJsonPath(path), document, value);

describe('json-path', () => {
  const document: Json = {
    a: { b: 1, 'with space': 2, 'store-name': 3, ключ: 4 },
    list: [{ n: 1 }, { n: 2 }, { other: 3 }, { n: null }],
    empty: [],
    nothing: null,
    text: 'text',
  };
  const reads: [string, string, Json | undefined][] = [
    ['$ is the whole document', '$', document],
    ['names follow dots', '$.a.b', 1],
    ['names may have hyphens', '$.a.store-name', 3],
    ['names may have any letters', '$.a.ключ', 4],
    ['quoted names may have spaces', "$['a']['with space']", 2],
    ['double quotes do as well', '$["a"].b', 1],
    ['items are counted from 0', '$.list[1].n', 2],
    ['[*] collects the matches and leaves out items without them', '$.list[*].n', [1, 2, null]],
    ['.* collects the members of an object', '$.a.*', [1, 2, 3, 4]],
    ['[*] of an empty array is an empty array', '$.empty[*].n', []],
    ['a member that is null is there', '$.nothing', null],
    ['a missing member is not there', '$.missing', undefined],
    ['a member of null is not there', '$.nothing.x', undefined],
    ['a member of a text is not there', '$.text.length', undefined],
    ['an item beyond the end is not there', '$.list[9]', undefined],
    ['nothing is inherited', '$.constructor', undefined],
    ['a missing part before [*] is not there', '$.missing[*].n', undefined],
  ];
  for (const [title, path, expected] of reads) {
    it(title, () => {
      assert.deepEqual(read(path, document), expected);
    });
  }

  for (const path of ['a.b', '', '$a', '$.', '$..b', '$.a[?(@.b==1)]', '$.a[0:2]', '$.a[-1]', "$.a['b", '$.a b']) {
    it(`refuses '${path}', which is outside the subset`, () => {
      assert.throws(() => parseJsonPath(path), /'.*' is not a path/);
    });
  }

  const places: [string, string, Json, Json][] = [
    ['a value is placed beside what is there', '$.b', { a: 1 }, { a: 1, b: 'new' }],
    ['a value replaces what is there', '$.a', { a: 1 }, { a: 'new' }],
    ['objects on the way are created', '$.a.b.c', {}, { a: { b: { c: 'new' } } }],
    ['an item that exists is replaced', '$.a[1]', { a: [1, 2] }, { a: [1, 'new'] }],
    ['$ replaces the whole document', '$', { a: 1 }, 'new'],
  ];
  for (const [title, path, before, after] of places) {
    it(title, () => {
      assert.deepEqual(place(path, before, 'new'), after);
    });
  }

  const misfits: [string, string, Json][] = [
    ['a text on the way cannot take a member', '$.a.b', { a: 'text' }],
    ['null on the way cannot take a member', '$.a.b', { a: null }],
    ['an array cannot take a member', '$.a.b', { a: [] }],
    ['an array is not lengthened', '$.a[1]', { a: [1] }],
    ['arrays on the way are not created', '$.a[0]', {}],
    ['a document that is no object cannot take a member', '$.a', 7],
  ];
  for (const [title, path, before] of misfits) {
    it(title, () => {
      assert.throws(() => place(path, before, 'new'), { name: 'States.ResultPathMatchFailure' });
    });
  }

  const names = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
  const pathOf = (parts: readonly string[]) =>
    `$${parts.map((part) => `['${part.replace(/[\\']/g, '\\$&')}']`).join('')}`;

  it('reads back whatever was placed, under any names', () => {
    fc.assert(
      fc.property(names, fc.jsonValue(), (parts, value) => {
        assert.deepEqual(read(pathOf(parts), place(pathOf(parts), {}, value as Json)), value);
      }),
    );
  });

  it('leaves the document that it was given as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ minLength: 1 }), (before, name) => {
        const text = JSON.stringify(before);
        const after = place(pathOf([name]), before as Json, 'new') as Record<string, Json>;
        assert.equal(JSON.stringify(before), text);
        for (const other of Object.keys(before).filter((each) => each !== name)) {
          assert.equal(after[other], before[other]);
        }
      }),
    );
  });
});
