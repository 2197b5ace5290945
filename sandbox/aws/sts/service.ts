import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import { createService } from '../service-from-actions.ts';
import { identityActions } from './actions.ts';

/** AWS STS. */
export const createStsService = (): AwsService =>
  createService(
    'sts',
    { protocol: 'aws-query', version: '2011-06-15', xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
    validationRefusal('ValidationError'),
    identityActions,
  );
