import assert from 'node:assert/strict';
import { describeCompletion, wayBack } from '../../../domain/nodegroup/completion.ts';
import type { UpdateRequest } from '../../../domain/state.ts';
import { aGroup, aGroupNode, anEksRun, aRun } from '../builders.ts';

const seen = { group: aGroup(), members: [aGroupNode(), aGroupNode({ instanceId: 'i-0b' })], cleanedNodes: 2 };
const previous = { version: '1.33', releaseVersion: '1.33.5-20251120' };
const release = { version: '1.33', releaseVersion: '1.33.5-20260101' };

describe('what a successful run ends with', () => {
  it('by our own phases: the template versions now and before', () => {
    const launchTemplate = { launchTemplateId: 'lt-0', version: '4', previousVersion: '3', isNew: true };
    const ended = describeCompletion(
      { plan: { run: aRun() }, launchTemplate, scaleDown: { warnings: ['late'] } },
      seen,
    );
    assert.match(ended.summary, /^workers runs ami-\w+ on all 2 nodes$/);
    assert.deepEqual(
      { ...ended, summary: '' },
      {
        summary: '',
        sizes: { minSize: 1, maxSize: 6, desiredCapacity: 3 },
        launchTemplateVersion: '4',
        previousLaunchTemplateVersion: '3',
        cleanedNodes: 2,
        warnings: ['late'],
      },
    );
  });

  it('by EKS: the releases now and before, and how to go back', () => {
    const run = anEksRun({ nodegroupName: 'blue', update: { ...release, previous } });
    const ended = describeCompletion({ plan: { run }, update: { warnings: [] } }, seen);
    assert.match(ended.summary, /^node group blue runs ami-\w+ \(release 1\.33\.5-20260101\) on all 2 nodes$/);
    assert.deepEqual(
      { ...ended, summary: '' },
      {
        summary: '',
        sizes: { minSize: 1, maxSize: 6, desiredCapacity: 3 },
        kubernetesVersion: '1.33',
        releaseVersion: '1.33.5-20260101',
        previousReleaseVersion: '1.33.5-20251120',
        toGoBack:
          'start an execution with the same input and {"target":{"releaseVersion":"1.33.5-20251120"},"allowDowngrade":true}',
        cleanedNodes: 2,
        warnings: [],
      },
    );
  });
});

describe('the way back from an update by EKS', () => {
  const back = (update: UpdateRequest) => wayBack({ update });

  it('is the template version before, when a template version was gone to', () => {
    const launchTemplate = { id: 'lt-0', version: '8' };
    const before = { ...previous, launchTemplateVersion: '7' };
    assert.equal(back({ launchTemplate, previous: before }), '{"target":{"launchTemplateVersion":"7"}}');
  });

  it('leads to no earlier Kubernetes version, to which EKS never goes back', () =>
    assert.equal(back({ ...release, previous: { ...previous, version: '1.32' } }), undefined));

  it('is not known of an update that was under way already', () =>
    assert.equal(back({ ...release, runningUpdateId: 'u-1' }), undefined));
});
