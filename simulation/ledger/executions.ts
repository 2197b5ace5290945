import type { Execution } from 'eks-sandbox/step-functions';
import type { SimulatedWorld } from '../world.ts';

/** All executions of a world, those of nodes included. */
export const executionsOf = ({ stepFunctions }: Pick<SimulatedWorld, 'stepFunctions'>): Execution[] =>
  stepFunctions.machines.flatMap((machine) => [...stepFunctions.executionsOf(machine)]);

/** Whether an execution is that of a node. */
export const isOfNode = ({ machine }: Pick<Execution, 'machine'>): boolean => machine.name.endsWith('-upgrade-node');
