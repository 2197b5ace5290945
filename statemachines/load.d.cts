/** A state machine definition in Amazon States Language, as plain JSON; function ARNs are `{ 'Fn::GetAtt': [key, 'Arn'] }`. */
interface StateMachineDefinition {
  Comment?: string;
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, Record<string, unknown>>;
}
declare const statemachines: {
  /** Read a definition by file name, without `.asl.yaml`, with included item processors in place. */
  load(name: string): StateMachineDefinition;
  /** The parent definition, for serverless.yml. */
  upgradeNodegroup(): StateMachineDefinition;
};
export = statemachines;
