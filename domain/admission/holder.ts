const JANITOR = 'janitor/';

/** Holder of a Lease while the janitor cleans up after a dead run. Any run may take the Lease from it. */
export const janitorHolder = (nonce: string): string => `${JANITOR}${nonce}`;

/** True for the janitor, which never keeps a run from starting. */
export const isJanitor = (holder: string): boolean => holder.startsWith(JANITOR);

/** Partition, service, region and account of an ARN. */
const homeOf = (arn: string): string => arn.split(':').slice(0, 5).join(':');

/** True unless an ARN is of another account or region; text that is no ARN has no home. */
export const isOfSameHome = (holder: string, ownArn: string): boolean =>
  !holder.startsWith('arn:') || homeOf(holder) === homeOf(ownArn);
