import assert from 'node:assert/strict';
import {
  checkDowngrade,
  isOlderRelease,
  minorOfRelease,
  releaseInUse,
  releaseOfName,
} from '../../../domain/ami/releases.ts';

const AL2023 = 'AL2023_x86_64_STANDARD';
const BOTTLEROCKET = 'BOTTLEROCKET_x86_64';
const WINDOWS = 'WINDOWS_CORE_2022_x86_64';

describe('releases: which came first', () => {
  const cases: [title: string, release: string, than: string, amiType: string, isOlder: boolean][] = [
    ['an earlier day', '1.33.5-20251120', '1.33.5-20251229', AL2023, true],
    ['a later day', '1.33.5-20260101', '1.33.5-20251229', AL2023, false],
    ['the same', '1.33.5-20251229', '1.33.5-20251229', AL2023, false],
    ['an earlier minor on a later day', '1.32.9-20260101', '1.33.5-20251229', AL2023, true],
    ['a minor of two digits less is no smaller number', '1.9.1-20260101', '1.10.1-20260101', AL2023, true],
    ['the patch version says nothing that the day does not', '1.33.9-20251120', '1.33.5-20251229', AL2023, true],
    ['a name of an AMI, which has no patch version', '1.33-20251120', '1.33.5-20251229', AL2023, true],
    ['Bottlerocket by its own version', '1.49.0-abcdef12', '1.50.0-12345678', BOTTLEROCKET, true],
    ['Bottlerocket with a commit of digits alone', '1.9.0-12345678', '1.49.0-abcdef12', BOTTLEROCKET, true],
    ['Bottlerocket as it is tagged', 'v1.51.0', '1.50.0-12345678', BOTTLEROCKET, false],
    ['Windows by its day', '1.31-2024.11.12', '1.31-2024.12.13', WINDOWS, true],
    ['a custom AMI cannot be compared', 'ami-0aaaaaaaaaaaaaaa1', '1.33.5-20251229', 'CUSTOM', false],
    ['what is no release is not older', 'newest', '1.33.5-20251229', AL2023, false],
  ];
  for (const [title, release, than, amiType, isOlder] of cases) {
    it(`${title}: ${release} ${isOlder ? 'is' : 'is not'} older than ${than}`, () =>
      assert.equal(isOlderRelease(release, than, amiType), isOlder));
  }
});

describe('releases: the Kubernetes version they name', () => {
  const cases: [release: string, amiType: string, minor: string | undefined][] = [
    ['1.33.5-20251229', AL2023, '1.33'],
    ['1.31-2024.11.12', WINDOWS, '1.31'],
    ['1.49.0-abcdef12', BOTTLEROCKET, undefined],
    ['1.49.0-12345678', BOTTLEROCKET, undefined],
    ['newest', AL2023, undefined],
  ];
  for (const [release, amiType, minor] of cases) {
    it(`${release} of ${amiType}: ${minor ?? 'none'}`, () => assert.equal(minorOfRelease(release, amiType), minor));
  }
});

describe('releases: told by the name of an AMI', () => {
  const cases: [name: string, release: string | undefined][] = [
    ['amazon-eks-node-al2023-x86_64-standard-1.33-v20251229', '1.33-20251229'],
    ['amazon-eks-node-1.29-v20240202', '1.29-20240202'],
    ['bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-abcdef12', '1.49.0-abcdef12'],
    ['Windows_Server-2022-English-Core-EKS_Optimized-1.31-2024.11.12', '1.31-2024.11.12'],
    ['golden-42', undefined],
  ];
  for (const [name, release] of cases) {
    it(`${name}: ${release ?? 'nothing'}`, () => assert.equal(releaseOfName(name), release));
  }

  it('only where the target is of the same family', () => {
    const name = 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251229';
    assert.equal(releaseInUse(name, 'AL2023_ARM_64_STANDARD'), '1.33-20251229');
    assert.equal(releaseInUse(name, BOTTLEROCKET), undefined);
    assert.equal(releaseInUse(undefined, AL2023), undefined);
    assert.equal(releaseInUse('golden-42', AL2023), undefined);
  });
});

describe('releases: going back', () => {
  const facts = { releaseVersion: '1.33.5-20251120', inUse: '1.33.5-20251229', amiType: AL2023 };
  const input = (target?: object, allowDowngrade = false) => ({
    allowDowngrade,
    ...(target !== undefined && { target }),
  });

  it('is refused for a release that is named', () =>
    assert.throws(() => checkDowngrade({ ...facts, input: input({ releaseVersion: facts.releaseVersion }) }), {
      name: 'InvalidInput',
      message:
        '"target.releaseVersion" 1.33.5-20251120 is older than 1.33.5-20251229, which the group runs: say {"allowDowngrade": true} if that is meant',
    }));

  for (const target of [{ amiId: 'ami-0aaaaaaaaaaaaaaa1' }, { ssmParameter: '/golden/ami' }]) {
    const [key] = Object.keys(target);
    it(`#68 is refused for the release of an AMI that is named by ${key}`, () =>
      assert.throws(() => checkDowngrade({ ...facts, input: input(target) }), {
        name: 'InvalidInput',
        message: new RegExp(`^"target.${key}" of release 1\\.33\\.5-20251120 is older than`),
      }));
  }

  it('is refused for one that is recommended', () =>
    assert.throws(() => checkDowngrade({ ...facts, input: input() }), {
      name: 'InvalidInput',
      message: /^the recommended release 1\.33\.5-20251120 is older than/,
    }));

  const fine: [title: string, facts: Parameters<typeof checkDowngrade>[0]][] = [
    ['when it is allowed', { ...facts, input: input(undefined, true) }],
    ['by a template version, as a rollback does', { ...facts, input: input({ launchTemplateVersion: '3' }) }],
    [
      'as far as anybody can tell, when the release in use is not known',
      { ...facts, inUse: undefined, input: input() },
    ],
    ['when the release is a newer one', { ...facts, releaseVersion: '1.33.5-20260101', input: input() }],
  ];
  for (const [title, given] of fine) it(`is fine ${title}`, () => checkDowngrade(given));
});
