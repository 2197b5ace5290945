/**
 * ARN of the state machine that upgrades one node: it is deployed beside that of a group, and named like it but for
 * `upgrade-node` in the place of `upgrade-nodegroup`.
 *
 * @param executionArn of an execution of the state machine of a group
 * @returns `undefined` when that state machine has another name
 */
export function nodeStateMachineArn(executionArn: string): string | undefined {
  const [arn, partition, service, region, account, kind, machine = ''] = executionArn.split(':');
  const renamed = machine.replace(/upgrade-nodegroup(?!.*upgrade-nodegroup)/, 'upgrade-node');
  if (kind !== 'execution' || renamed === machine) return undefined;
  return [arn, partition, service, region, account, 'stateMachine', renamed].join(':');
}

/** ARN of a node's execution by its name, from that of an execution of its group's run. */
export const nodeExecutionArn = (executionArn: string, name: string): string | undefined => {
  const machine = nodeStateMachineArn(executionArn);
  return machine === undefined ? undefined : `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
};

/** What the name of a node's execution says, as `nodeExecutionName` writes it. */
export interface NamedNode {
  readonly instanceId: string;
  readonly attempt: number;
  readonly runId: string;
}

/** Read the name of a node's execution; `undefined` when it is another execution's. */
export function readNodeExecutionName(name: string): NamedNode | undefined {
  const [, instanceId, attempt, runId] = /-(i-[0-9a-f]+)-(\d+)-([0-9a-f]{8})$/.exec(name) ?? [];
  if (instanceId === undefined || attempt === undefined || runId === undefined) return undefined;
  return { instanceId, attempt: Number(attempt), runId };
}
