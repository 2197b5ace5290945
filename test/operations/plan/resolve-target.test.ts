import assert from 'node:assert/strict';
import { parseInput } from '../../../domain/input/input.ts';
import type { TargetFacts } from '../../../domain/plan/target.ts';
import type { LaunchSource } from '../../../domain/types.ts';
import { resolveTarget } from '../../../operations/plan/resolve-target.ts';
import { aGroup, NEW_AMI, OLD_AMI } from '../../domain/builders.ts';
import { anImage, aTemplateVersion } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const factsOf = (input: object = {}, facts: Partial<TargetFacts> = {}): TargetFacts => ({
  input: parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...input }),
  kubernetesVersion: '1.33',
  launchSource: aGroup().launchSource as LaunchSource,
  currentImage: anImage({ imageId: OLD_AMI }),
  ...facts,
});

type Prepare = (ports: PortsInMemory) => unknown;
type Expected = { readonly source?: RegExp } & Readonly<Record<string, unknown>>;

const RELEASED =
  '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-1.33-v20260108/image_id';
const WINDOWS = '/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-EKS_Optimized-1.33';

describe('the target of an upgrade', () => {
  const found: [title: string, facts: TargetFacts, prepare: Prepare, expected: Expected][] = [
    [
      'is the recommended AMI of the type in use',
      factsOf(),
      () => {},
      {
        amiId: NEW_AMI,
        releaseVersion: '1.33.5-20260108',
        source: /^recommended by .*\/standard\/recommended\/image_id$/,
      },
    ],
    [
      'is the recommended AMI of the type that EKS records',
      factsOf({}, { nodegroupAmiType: 'AL2023_x86_64_STANDARD', currentImage: undefined }),
      () => {},
      { amiId: NEW_AMI, releaseVersion: '1.33.5-20260108' },
    ],
    [
      'is the recommended AMI of the type in the input',
      factsOf({ amiType: 'AL2023_x86_64_STANDARD' }, { currentImage: anImage({ name: 'golden-image-7' }) }),
      () => {},
      { amiId: NEW_AMI },
    ],
    [
      'has no release version where none is published',
      factsOf(),
      ({ aws }) =>
        aws.parameters.delete(
          '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version',
        ),
      { amiId: NEW_AMI, releaseVersion: undefined },
    ],
    [
      'has the release version that a JSON document of Windows tells',
      factsOf({ amiType: 'WINDOWS_CORE_2022_x86_64' }),
      ({ aws }) =>
        aws.parameters
          .set(`${WINDOWS}/image_id`, NEW_AMI)
          .set(WINDOWS, '{"image_id": "ami-1", "release_version": "1.33-2026.01.13"}'),
      { amiId: NEW_AMI, releaseVersion: '1.33-2026.01.13' },
    ],
    [
      'has no release version where that document is no JSON',
      factsOf({ amiType: 'WINDOWS_CORE_2022_x86_64' }),
      ({ aws }) => aws.parameters.set(`${WINDOWS}/image_id`, NEW_AMI).set(WINDOWS, 'no JSON'),
      { amiId: NEW_AMI, releaseVersion: undefined },
    ],
    [
      'is the AMI in the input',
      factsOf({ target: { amiId: NEW_AMI } }),
      () => {},
      { amiId: NEW_AMI, source: /^named in the input$/ },
    ],
    [
      'is the AMI of a release',
      factsOf({ target: { releaseVersion: '1.33.5-20260108' } }),
      ({ aws }) => aws.parameters.set(RELEASED, NEW_AMI),
      { amiId: NEW_AMI, releaseVersion: '1.33.5-20260108', source: /^release 1\.33\.5-20260108 by \/aws/ },
    ],
    [
      'is the AMI that a parameter of your own holds',
      factsOf({ target: { ssmParameter: '/golden/ami' } }),
      ({ aws }) => aws.parameters.set('/golden/ami', NEW_AMI),
      { amiId: NEW_AMI, source: /^SSM parameter \/golden\/ami$/ },
    ],
    [
      'is the AMI of an existing template version',
      factsOf({ target: { launchTemplateVersion: '4' } }),
      ({ aws }) => aws.templateVersions.push(aTemplateVersion({ version: 4, imageId: NEW_AMI })),
      { amiId: NEW_AMI, launchTemplateVersion: '4' },
    ],
  ];
  for (const [title, facts, prepare, { source, ...expected }] of found) {
    it(title, async () => {
      const ports = createPorts();
      prepare(ports);
      const target = await resolveTarget(ports.deps, facts);
      const seen: Record<string, unknown> = { ...target, amiId: target.image.imageId };
      for (const [key, value] of Object.entries(expected)) assert.equal(seen[key], value, key);
      if (source !== undefined) assert.match(target.source, source);
    });
  }

  const refused: [title: string, facts: TargetFacts, prepare: Prepare, error: object][] = [
    [
      'an AMI in use that AWS has not published',
      factsOf({}, { currentImage: anImage({ name: 'golden-image-7' }) }),
      () => {},
      { name: 'InvalidInput', message: /^the AMI in use, "golden-image-7", is not one that AWS publishes for EKS/ },
    ],
    [
      'a group without any AMI that it could tell the type by',
      factsOf({}, { currentImage: undefined, nodegroupAmiType: 'CUSTOM' }),
      () => {},
      { name: 'InvalidInput', message: /^the AMI in use is not one that AWS publishes for EKS/ },
    ],
    [
      'a type whose parameters AWS does not document',
      factsOf({ amiType: 'BOTTLEROCKET_x86_64_NVIDIA_FIPS' }),
      () => {},
      { name: 'AmiNotFound', message: /documents no SSM parameter for BOTTLEROCKET_x86_64_NVIDIA_FIPS/ },
    ],
    [
      'a Kubernetes version for which nothing is published',
      factsOf({}, { kubernetesVersion: '1.99' }),
      () => {},
      { name: 'AmiNotFound', message: /publishes no AL2023_x86_64_STANDARD AMI for Kubernetes 1\.99; name another/ },
    ],
    [
      'a release of another form',
      factsOf({ target: { releaseVersion: 'newest' } }),
      () => {},
      { name: 'InvalidInput', message: /^"newest" is not a release version of AL2023_x86_64_STANDARD/ },
    ],
    [
      'a release that was never published',
      factsOf({ target: { releaseVersion: '1.33.5-20260109' } }),
      () => {},
      { name: 'AmiNotFound', message: /there is no release 1\.33\.5-20260109 of AL2023_x86_64_STANDARD/ },
    ],
    [
      'an AMI that does not exist',
      factsOf({ target: { amiId: 'ami-00000000000000000' } }),
      () => {},
      { name: 'AmiNotFound', message: /does not exist in this region, or is not shared with this account/ },
    ],
    [
      'a parameter that holds something else',
      factsOf({ target: { ssmParameter: '/golden/ami' } }),
      ({ aws }) => aws.parameters.set('/golden/ami', 'ubuntu'),
      { name: 'AmiNotFound', message: /\/golden\/ami holds "ubuntu", which is not an AMI id/ },
    ],
    [
      'a template version that does not exist',
      factsOf({ target: { launchTemplateVersion: '9' } }),
      () => {},
      { name: 'InvalidInput', message: /has no version 9/ },
    ],
    [
      'a template version without an AMI',
      factsOf({ target: { launchTemplateVersion: '4' } }),
      ({ aws }) => {
        const { imageId: _, ...version } = aTemplateVersion({ version: 4 });
        aws.templateVersions.push(version);
      },
      { name: 'InvalidInput', message: /version 4 of launch template \S+ names no AMI/ },
    ],
  ];
  for (const [title, facts, prepare, error] of refused) {
    it(`is refused: ${title}`, async () => {
      const ports = createPorts();
      prepare(ports);
      await assert.rejects(resolveTarget(ports.deps, facts), error);
    });
  }
});
