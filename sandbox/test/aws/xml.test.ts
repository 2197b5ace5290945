import { strict as assert } from 'node:assert';
import { writeXml } from '../../aws/protocols/xml.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

describe('the XML writer', () => {
  const cases: readonly (readonly [title: string, root: Record<string, unknown>, xml: string])[] = [
    ['writes an element for each item of a list', { a: { b: ['1', '2'] } }, '<a><b>1</b><b>2</b></a>'],
    ['closes an element without content at once', { a: { b: '', c: {}, d: { e: [] } } }, '<a><b/><c/><d/></a>'],
    ['leaves absent values out', { a: { b: undefined, '@x': undefined, c: 'd' } }, '<a><c>d</c></a>'],
    ['writes keys with @ as attributes', { a: { '@x': 'y', b: '1' } }, '<a x="y"><b>1</b></a>'],
    [
      'escapes what has a meaning in XML',
      { a: { '@x': '"', b: `<&>'"` } },
      '<a x="&quot;"><b>&lt;&amp;&gt;&apos;&quot;</b></a>',
    ],
  ];
  for (const [title, root, xml] of cases) it(title, () => assert.equal(writeXml(root), HEAD + xml));
});
