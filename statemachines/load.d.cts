/** A state machine definition in Amazon States Language, as plain JSON; function ARNs are `{ 'Fn::GetAtt': [key, 'Arn'] }`. */
export interface StateMachineDefinition {
  Comment?: string;
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, Record<string, unknown>>;
}
/** Read a definition by file name, without `.asl.yaml`, with included item processors in place. */
export function load(name: string): StateMachineDefinition;
/** The parent definition, for serverless.yml. */
export function upgradeNodegroup(): StateMachineDefinition;
