import { describe, it } from 'mocha';
import { assertSurvives } from './references.ts';

describe('a run of which one request goes wrong, in every way', () => {
  it('ends upgraded or says truthfully why not, can be continued, and leaves nothing behind: three nodes that EKS replaces', () =>
    assertSurvives('killEks'));
});
