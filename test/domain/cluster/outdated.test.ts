import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { daysBehind, minorOfName } from '../../../domain/cluster/outdated.ts';

const al2023 = (day: string) => ({
  name: `amazon-eks-node-al2023-x86_64-standard-1.33-v${day}`,
  createdAt: '2020-01-01T00:00:00.000Z',
});
const rocket = (version: string, createdAt: string) => ({
  name: `bottlerocket-aws-k8s-1.33-x86_64-v${version}-0123abcd`,
  createdAt,
});
const own = (createdAt: string) => ({ name: 'golden', createdAt });

describe('days behind', () => {
  const rows: [string, Parameters<typeof daysBehind>[0], Parameters<typeof daysBehind>[1], number | undefined][] = [
    ['the days of the two releases, not those of the AMIs', al2023('20251120'), al2023('20251229'), 39],
    ['0 for the same release', al2023('20251120'), al2023('20251120'), 0],
    ['0 for a release that is newer', al2023('20251229'), al2023('20251120'), 0],
    [
      'the days the AMIs were made where a release has no day',
      rocket('1.49.0', '2025-10-21T08:00:00.000Z'),
      rocket('1.52.0', '2025-12-15T08:00:00.000Z'),
      55,
    ],
    ['whole days', rocket('1.49.0', '2025-10-21T23:00:00.000Z'), rocket('1.52.0', '2025-10-23T01:00:00.000Z'), 1],
    [
      'the days of a release of Windows',
      { name: 'Windows_Server-2022-English-Core-EKS_Optimized-1.33-2025.11.12', createdAt: '' },
      { name: 'Windows_Server-2022-English-Core-EKS_Optimized-1.33-2025.12.10', createdAt: '' },
      28,
    ],
    ['of an own AMI, the day it was made', own('2025-12-19T00:00:00.000Z'), al2023('20251229'), 10],
    ['unknown when a day is', own(''), al2023('20251229'), undefined],
  ];
  for (const [title, current, newest, expected] of rows) {
    it(`are ${title}`, () => assert.equal(daysBehind(current, newest), expected));
  }
});

describe('the Kubernetes version of an AMI', () => {
  const rows: [string, string | undefined][] = [
    ['amazon-eks-node-al2023-x86_64-standard-1.33-v20251120', '1.33'],
    ['bottlerocket-aws-k8s-1.32-x86_64-v1.49.0-1a2b3c4d', '1.32'],
    ['Windows_Server-2022-English-Core-EKS_Optimized-1.31-2025.11.12', '1.31'],
    ['golden-image-7', undefined],
  ];
  for (const [name, version] of rows) {
    it(`is ${version ?? 'not known'} by the name ${name}`, () => assert.equal(minorOfName(name), version));
  }
});
