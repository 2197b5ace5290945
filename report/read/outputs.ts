import * as z from 'zod';
import {
  type ClusterCompletion,
  type ClusterPlan,
  clusterCompletionSchema,
  clusterPlanSchema,
  type NodegroupSelection,
  nodegroupSelectionSchema,
} from '../../domain/cluster/cluster.ts';
import { type NodegroupUpdate, nodegroupUpdateSchema } from '../../domain/eks-update/eks-update.ts';
import { type Recovery, recoverySchema } from '../../domain/nodegroup/failure.ts';
import {
  type Drain,
  drainSchema,
  type Plan,
  planSchema,
  type ScaleUp,
  scaleUpSchema,
  type Upgrade,
  upgradeSchema,
} from '../../domain/state.ts';
import { type Part, readThrough } from './through-schema.ts';
import type { Visit } from './visits.ts';

const count = z.int().min(0);

/** What the states return whose outputs the report reads. */
interface Outputs {
  PlanUpgrade: Plan;
  StartNodegroupUpdate: NodegroupUpdate;
  CheckNodegroupUpdate: NodegroupUpdate;
  RaiseSurgeForSlowBoots: ScaleUp;
  UpgradeNodes: Upgrade;
  DrainNode: Drain;
  RecoverFromFailure: { recovery: Recovery };
  PlanCluster: ClusterPlan;
  SelectNodegroups: NodegroupSelection;
  CompleteCluster: ClusterCompletion;
}

const SCHEMAS: { readonly [S in keyof Outputs]: z.ZodType<Outputs[S]> } = {
  PlanUpgrade: planSchema,
  StartNodegroupUpdate: nodegroupUpdateSchema,
  CheckNodegroupUpdate: nodegroupUpdateSchema,
  RaiseSurgeForSlowBoots: scaleUpSchema,
  UpgradeNodes: upgradeSchema,
  DrainNode: drainSchema,
  RecoverFromFailure: z.object({ recovery: recoverySchema }),
  PlanCluster: clusterPlanSchema,
  SelectNodegroups: nodegroupSelectionSchema,
  CompleteCluster: clusterCompletionSchema,
};

/** What a state returned, as far as it can be read. */
export type Output<S extends keyof Outputs> = Part<Outputs[S]>;

/** What one visit to a state returned; `undefined` when it was to another state, or returned nothing. */
export const outputOf = <S extends keyof Outputs>(visit: Visit, state: S): Output<S> | undefined =>
  visit.state === state ? readThrough(SCHEMAS[state], visit.output) : undefined;

/** What all visits to a state returned, oldest first. */
export const outputsOf = <S extends keyof Outputs>(visits: readonly Visit[], state: S): Output<S>[] =>
  visits.flatMap((visit) => outputOf(visit, state) ?? []);

/** What the last visit to a state returned. */
export function lastOutputOf<S extends keyof Outputs>(visits: readonly Visit[], state: S): Output<S> | undefined {
  const last = visits.findLast((visit) => visit.state === state);
  return last && outputOf(last, state);
}

const groupOutput = z.object({
  readyNodes: count.optional(),
  warnings: z.array(z.string()).optional(),
  adopted: z.array(z.string()).optional(),
  waitsFor: z.string().optional(),
  isPaused: z.boolean().optional(),
});

/**
 * Members that several states return alike: Ready nodes of the whole group, warnings, names of node executions of an earlier
 * run that are followed, and why no node is taken now.
 */
export const groupOutputOf = ({ output }: Visit): Part<z.output<typeof groupOutput>> =>
  readThrough(groupOutput, output) ?? {};
