import { EKSClient, type EKSClientConfig } from '@aws-sdk/client-eks';

/** What the SDK calls an AwsCredentialIdentity. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When they stop working; absent for long-lived keys. */
  readonly expiration?: Date | undefined;
}

export type CredentialsProvider = () => Promise<Credentials>;

/** The identity that the SDK's clients sign with, from the same chain and refreshed in the same way. */
export function identityOf(config: EKSClientConfig): { credentials: CredentialsProvider } {
  const client = new EKSClient(config);
  return { credentials: () => client.config.credentials() };
}
