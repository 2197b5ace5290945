import type { Update } from '../state/update.ts';

/** An update as DescribeUpdate shows it. */
export const updateShape = ({ id, status, type, params, createdAt, errors }: Update) => ({
  id,
  status,
  type,
  params,
  createdAt: new Date(createdAt),
  errors,
});
