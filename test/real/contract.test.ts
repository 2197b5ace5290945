import { startKubernetesServer } from './contract/kubernetes-server.ts';
import { startSandboxServer } from './contract/sandbox-server.ts';
import { describeContract } from './contract/suite.ts';
import { realAddresses } from './environment.ts';
import { startControlPlane } from './harness/control-plane.ts';

const { tools } = realAddresses();

describeContract('the simulated Kubernetes keeps the contract', startSandboxServer);

// A control plane of its own: behaviours leave nodes and namespaces behind, and compact its store.
describeContract('the real Kubernetes keeps the contract', async () => {
  const { endpoint, etcdEndpoint, certificateAuthority, adminToken, workflowToken, stop } = await startControlPlane({
    tools,
  });
  return startKubernetesServer({
    endpoint,
    etcdEndpoint,
    certificateAuthority,
    adminToken,
    admin: 'admin',
    workflowToken,
    workflow: 'eks-nodegroup-upgrade',
    stop,
  });
});
