import { identityOf } from './aws/sts/state.ts';
import { type AuthenticatorOptions, createAuthenticator } from './kubernetes/authenticator.ts';
import { NODE_MANAGER, NODE_MANAGER_TOKEN } from './kubernetes/node-manager.ts';
import type { SandboxOptions } from './sandbox.ts';

/** Secret of every access key in the sandbox. */
const SECRET_ACCESS_KEY = 'sandbox';
/** What the workflow's functions sign with: temporary keys of its role. */
export const WORKFLOW_CREDENTIALS = {
  accessKeyId: 'ASIAWORKFLOW',
  secretAccessKey: SECRET_ACCESS_KEY,
  sessionToken: 'sandbox',
} as const;
/** What people sign with: an administrator of account and clusters. */
export const OPERATOR_CREDENTIALS = { accessKeyId: 'AKIAOPERATOR', secretAccessKey: SECRET_ACCESS_KEY } as const;
/** Bearer token of the kubeconfig that the sandbox writes. */
export const ADMIN_TOKEN = 'sandbox-admin';
/** Kubernetes groups to which the RBAC manifest binds. The workflow's one role in the sandbox is in all of them. */
export const WORKFLOW_GROUPS = [
  'eks-nodegroup-upgrade-readers',
  'eks-nodegroup-upgrade-conductor',
  'eks-nodegroup-upgrade-drain',
] as const;

type Identify = AuthenticatorOptions['identify'];

/** Create the table of callers for a cluster of the sandbox: whom an access key stands for. */
export const identifyCallers =
  (accountId: string): Identify =>
  (accessKeyId) => ({
    secretAccessKey: SECRET_ACCESS_KEY,
    username: identityOf({ caller: accessKeyId, accountId }).arn,
    groups: accessKeyId.startsWith('ASIA') ? [...WORKFLOW_GROUPS] : ['system:masters'],
  });

/**
 * Create the table of callers for a cluster outside the sandbox. The keys of administrators are well known here, so that
 * their owners must not be administrators there.
 */
export const identifyWorkflowOnly =
  (accountId: string): Identify =>
  (accessKeyId) => {
    const identity = identifyCallers(accountId)(accessKeyId);
    return identity?.groups.includes(WORKFLOW_GROUPS[0]) ? identity : undefined;
  };

/**
 * Create what reads the tokens of a cluster's callers.
 *
 * @param adminToken absent for a cluster outside the sandbox, which has no well-known tokens
 */
export const authenticatorOf = (
  { scenario, clock, wallClock, stsHosts = [] }: SandboxOptions,
  clusterName: string,
  adminToken: string | undefined,
  identify: Identify,
) =>
  createAuthenticator({
    clusterName,
    region: scenario.region,
    adminToken,
    ...(adminToken !== undefined && { serviceTokens: new Map([[NODE_MANAGER_TOKEN, NODE_MANAGER]]) }),
    clock,
    ...(wallClock !== undefined && { wallClock }),
    stsHosts,
    identify,
  });
