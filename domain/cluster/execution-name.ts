import { checksumOf } from '../text.ts';

/** Characters that are replaced in an execution name, so that it can be used in a file name and typed in a shell. */
const illegal = /[^A-Za-z0-9_-]+/g;

const tidy = (text: string, length: number): string =>
  text
    .replace(illegal, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, length);

/**
 * Name an execution so that a person can read it in the console, at most 80 characters:
 * `workers-20260120-101500-by-ana-3f2a`.
 *
 * @param at     ISO-8601 UTC
 * @param user   who starts it
 * @param suffix 4 hexadecimal digits that make it unique
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function executionName(group: string, at: string, user: string, suffix: string): string {
  const time = `${at.slice(0, 10).replaceAll('-', '')}-${at.slice(11, 19).replaceAll(':', '')}`;
  return `${tidy(group, 36) || 'nodes'}-${time}-by-${tidy(user, 16) || 'unknown'}-${suffix}`;
}

/**
 * Name the execution that upgrades one group of a cluster: the group, the end of the name of the cluster's execution, and a
 * checksum of both, at most 80 characters. A repeated start gets the same name, another run of the cluster another name.
 */
export function nodegroupExecutionName(clusterExecution: string, group: string): string {
  const checksum = checksumOf(`${clusterExecution} ${group}`).padStart(8, '0');
  return `${tidy(group, 26) || 'nodes'}${ofCluster(clusterExecution)}${checksum}`;
}

/** The part of a group's execution name that says which run of a cluster it is part of. */
const ofCluster = (clusterExecution: string): string => `-${tidy(clusterExecution.slice(-44), 44) || 'cluster'}-`;

/** Whether an execution of a group, by its name, is part of a run of a cluster. */
export const isPartOf = (clusterExecution: string, name: string): boolean =>
  name.slice(0, -8).endsWith(ofCluster(clusterExecution)) && /[0-9a-f]{8}$/.test(name);

/** Who started an execution, if its name contains that. The name of a group's execution within a cluster's run ends with a checksum. */
export const startedBy = (name: string): string | undefined =>
  /-\d{8}-\d{6}-by-(.+?)-[0-9a-f]{4}(-[0-9a-f]{8})?$/.exec(name)?.[1];
