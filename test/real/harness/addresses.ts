import type { ControlPlaneAddress } from './control-plane.ts';
import type { RealTools } from './tools.ts';

/** Names the file with the addresses of the real services: JSON of `RealAddresses`. */
export const ADDRESSES_VARIABLE = 'EKS_NODEGROUP_UPGRADE_REAL';

/** The real services that `npm run test:real` runs for all tests together. */
export interface RealAddresses {
  /** For tests that need a control plane, or an emulator, of their own. */
  readonly tools: RealTools;
  readonly controlPlane: ControlPlaneAddress;
  readonly miniStack: { readonly endpoint: string; readonly logPath: string };
  readonly moto: { readonly endpoint: string; readonly logPath: string };
}
