/** A state machine definition in Amazon States Language, as plain JSON; function ARNs are `{ 'Fn::GetAtt': [key, 'Arn'] }`. */
interface StateMachineDefinition {
  Comment?: string;
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, Record<string, unknown>>;
}
declare const statemachines: {
  /** Read a definition by file name, without `.asl.yaml`. */
  load(name: string): StateMachineDefinition;
  /** For serverless.yml: the upgrade of one node group. */
  upgradeNodegroup(): StateMachineDefinition;
  /** For serverless.yml: the upgrade of one node. */
  upgradeNode(): StateMachineDefinition;
  /** For serverless.yml: the upgrade of a whole cluster. */
  upgradeCluster(): StateMachineDefinition;
  /** For serverless.yml: the upgrade of one node. */
  upgradeNode(): StateMachineDefinition;
};
export = statemachines;
