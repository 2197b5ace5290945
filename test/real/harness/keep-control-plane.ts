import { startControlPlane } from './control-plane.ts';
import { MissingTool, prepareReal } from './tools.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Keep a real Kubernetes control plane up for hands-on use, until Ctrl-C. */
export async function main(): Promise<void> {
  try {
    const tools = await prepareReal(say);
    const startedAt = performance.now();
    const controlPlane = await startControlPlane({ tools });
    say(
      `Kubernetes answers after ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Ctrl-C ends it. In another shell:`,
    );
    process.stdout.write(`export KUBECONFIG=${controlPlane.kubeconfig}\n`);
    process.stdout.write(`alias kubectl=${tools.kubectl}\n`);
    process.stdout.write(`export AUDIT_LOG=${controlPlane.auditLogPath}\n`);
    process.stdout.write(`export WORKFLOW_KUBECONFIG=${controlPlane.workflowKubeconfig}\n`);
  } catch (error) {
    say(error instanceof MissingTool ? error.message : String((error as Error).message ?? error));
    process.exit(1);
  }
}
