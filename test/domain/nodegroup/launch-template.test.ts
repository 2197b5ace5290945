import assert from 'node:assert/strict';
import { clientTokenOf, describeVersion } from '../../../domain/nodegroup/launch-template.ts';
import { aRun, NEW_AMI } from '../builders.ts';

const named = (name: string) =>
  aRun({ executionArn: `arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:${name}` });

describe('launch template version', () => {
  it('says which AMI it has, what it was made from, and by which execution', () =>
    assert.equal(
      describeVersion(named('tuesday')),
      `${NEW_AMI}, otherwise as version 3; by eks-nodegroup-upgrade tuesday`,
    ));

  it('keeps its description within the 255 characters of EC2', () =>
    assert.equal(describeVersion(named('x'.repeat(400))).length, 255));

  it('is made once by an execution, however often the step runs, and anew by another one', () => {
    assert.equal(clientTokenOf(named('tuesday')), clientTokenOf(named('tuesday')));
    assert.notEqual(clientTokenOf(named('tuesday')), clientTokenOf(named('wednesday')));
  });

  for (const name of ['tuesday', 'thứ-ba', '火曜日'.repeat(26), 'x'.repeat(80)]) {
    it(`asks with a token that EC2 takes: ${name.slice(0, 20)}`, () =>
      assert.match(clientTokenOf(named(name)), /^[\x21-\x7e]{1,128}$/));
  }

  it('asks with a token of its own for every execution, also when their names are long and foreign', () =>
    assert.notEqual(clientTokenOf(named(`${'曜'.repeat(79)}火`)), clientTokenOf(named(`${'曜'.repeat(79)}水`))));
});
