import { startSandboxServer } from './real/contract/sandbox-server.ts';
import { describeContract } from './real/contract/suite.ts';

describeContract('the simulated Kubernetes keeps the contract', startSandboxServer);
