import type { SimulationCase } from '../case.ts';

/** Whether nobody and nothing but one run changes anything in a world. */
export const isUndisturbed = ({ scenario, runs, strikes, interventions }: SimulationCase): boolean =>
  (scenario.faults ?? []).length === 0 &&
  (scenario.actors ?? []).length === 0 &&
  runs.length === 1 &&
  strikes.length === 0 &&
  interventions.length === 0;
