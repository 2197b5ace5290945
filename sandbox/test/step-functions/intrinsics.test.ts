import assert from 'node:assert/strict';
import { evaluate, fillTemplate } from '../../step-functions/expressions/expression.ts';
import type { Json } from '../../step-functions/expressions/json.ts';
import { createRandom } from '../../world/random.ts';

const input: Json = { name: 'Ada', n: 4, list: [1, 2, 2, { a: 1 }, { a: 1 }], text: '{"x":[1]}', o: { a: 1, b: 1 } };
const scopeWith = (seed: number) => ({
  input,
  context: () => ({ Execution: { Name: 'run' } }),
  random: createRandom(seed),
});
const value = (expression: string, seed = 1) => evaluate(expression, 'field.$', scopeWith(seed));

describe('intrinsics', () => {
  const cases: [string, Json][] = [
    ["States.Format('Hello {}, {}', $.name, 7)", 'Hello Ada, 7'],
    ["States.Format('{} {} {}', $.o, null, true)", '{"a":1,"b":1} null true'],
    ["States.Format('\\{\\} \\'{}\\' \\\\', $$.Execution.Name)", "{} 'run' \\"],
    ["States.Format('no placeholder')", 'no placeholder'],
    ['States.StringToJson($.text)', { x: [1] }],
    ["States.StringToJson(' ')", null],
    ['States.JsonToString($.list)', '[1,2,2,{"a":1},{"a":1}]'],
    ['States.Array()', []],
    ["States.Array($.n, 'x', null, States.Array(1.5))", [4, 'x', null, [1.5]]],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [2, { a: 1 }], [{ a: 1 }]]],
    ['States.ArrayContains($.list, 2)', true],
    ['States.ArrayContains($.list, States.StringToJson(\'{"a":1}\'))', true],
    ["States.ArrayContains($.list, '2')", false],
    ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
    ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
    ['States.ArrayRange(3, 1, 1)', []],
    ['States.ArrayGetItem($.list, 1)', 2],
    ['States.ArrayLength($.list)', 5],
    ['States.ArrayUnique($.list)', [1, 2, { a: 1 }]],
    ["States.Base64Encode('Data to encode: é')", 'RGF0YSB0byBlbmNvZGU6IMOp'],
    ["States.Base64Decode('RGF0YSB0byBlbmNvZGU6IMOp')", 'Data to encode: é'],
    ["States.Hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ["States.Hash($.o, 'MD5')", '0227dcdac6f4bf1bc43a7c85947e4744'],
    ['States.JsonMerge($.o, States.StringToJson(\'{"b":2}\'), false)', { a: 1, b: 2 }],
    ['States.MathAdd($.n, -1)', 3],
    ["States.StringSplit('1,2,3', ',')", ['1', '2', '3']],
    ["States.StringSplit('This.is+a,test=string', '.+,=')", ['This', 'is', 'a', 'test', 'string']],
    ["States.ArrayLength(States.StringSplit($.name, States.Format('{}', 'd')))", 2],
  ];
  for (const [expression, expected] of cases) {
    it(`gives ${JSON.stringify(expected)} for ${expression}`, () => {
      assert.deepEqual(value(expression), expected);
    });
  }

  it('draws UUIDs of version 4 from the seed', () => {
    assert.match(
      String(value('States.UUID()')),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.equal(value('States.UUID()', 7), value('States.UUID()', 7));
    assert.notEqual(value('States.UUID()', 7), value('States.UUID()', 8));
  });

  it('draws random numbers below the end, from the seed of the sandbox or of the call', () => {
    const drawn = Array.from({ length: 50 }, (_, seed) => value('States.MathRandom(5, 8)', seed) as number);
    assert.deepEqual([...new Set(drawn)].sort(), [5, 6, 7]);
    assert.equal(value('States.MathRandom(0, 1000, 42)', 1), value('States.MathRandom(0, 1000, 42)', 1));
  });

  it('leaves the objects that it merges as they were', () => {
    value('States.JsonMerge($.o, States.StringToJson(\'{"a":9}\'), false)');
    assert.deepEqual((input as { o: Json }).o, { a: 1, b: 1 });
  });

  const failures: [string, RegExp][] = [
    ["States.StringToJson('{')", /The function 'States\.StringToJson\('\{'\)' had the following error/],
    ["States.Format('{} {}', 1)", /more \{\} than/],
    ["States.Format('{}', 1, 2)", /fewer \{\} than/],
    ["States.Format('{x}')", /must be escaped/],
    ['States.ArrayGetItem($.list, 9)', /no item 9/],
    ['States.ArrayPartition($.list, 0)', /at least 1/],
    ['States.ArrayRange(1, 9, 0)', /step/],
    ['States.ArrayRange(0, 1000, 1)', /more than 1000/],
    ["States.Hash('x', 'CRC32')", /SHA-256/],
    ['States.JsonMerge($.o, $.o, true)', /shallow/],
    ['States.ArrayLength($.name)', /an array is needed/],
    ["States.MathAdd('1', 1)", /a number is needed/],
  ];
  for (const [expression, reason] of failures) {
    it(`fails with States.IntrinsicFailure for ${expression}`, () => {
      assert.throws(() => value(expression), { name: 'States.IntrinsicFailure', message: reason });
    });
  }

  it('says which path of which field is missing', () => {
    assert.throws(() => value("States.Format('{}', $.missing)"), {
      name: 'States.ParameterPathFailure',
      message:
        /The JSONPath '\$\.missing' specified for the field 'field\.\$' could not be found in the input '\{"name"/,
    });
  });

  it('fills templates at any depth and keeps everything else', () => {
    const template: Json = {
      'a.$': '$.n',
      b: [{ 'c.$': '$$.Execution.Name' }, '$.n'],
      'd.$': 'States.Array($.n)',
      e: null,
    };
    assert.deepEqual(fillTemplate(template, scopeWith(1)), { a: 4, b: [{ c: 'run' }, '$.n'], d: [4], e: null });
  });
});
