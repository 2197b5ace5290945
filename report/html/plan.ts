import { plural } from '../../domain/text.ts';
import type { PlanReport, Report } from '../model/model.ts';
import { duration, usd } from '../model/text.ts';
import { details, type Pair, pairs } from './details.ts';
import { html, type Markup, NOTHING } from './markup.ts';

const explained = ({ nodes, rule }: { nodes?: number; rule?: string }): string | undefined =>
  nodes === undefined ? undefined : `${plural(nodes, 'node')}${rule === undefined ? '' : ` – ${rule}`}`;

function planPairs(plan: PlanReport): Pair[] {
  const { target, current, sizes, estimate, launchTemplate } = plan;
  return [
    [
      'Cluster',
      [plan.clusterName, plan.kubernetesVersion && `Kubernetes ${plan.kubernetesVersion}`].filter(Boolean).join(', '),
    ],
    ['Node group', plan.nodegroupName],
    ['Auto Scaling group', plan.autoScalingGroupName],
    ['Zones', plan.zones.join(', ')],
    ['Instance types', plan.instanceTypes.join(', ')],
    [
      'Current AMI',
      html`${current.map(({ amiId, nodes }, index) => html`${index > 0 ? ', ' : ''}<code>${amiId}</code> (${plural(nodes, 'node')})`)}`,
    ],
    [
      'Target AMI',
      html`${target.amiId === undefined ? NOTHING : html`<code>${target.amiId}</code> `}${[target.releaseVersion, target.amiName, target.amiType].filter(Boolean).join(', ')}`,
    ],
    ['Chosen by', target.source],
    [
      'Launch template',
      launchTemplate.id === undefined
        ? undefined
        : html`<code>${launchTemplate.id}</code>, derived from version ${launchTemplate.sourceVersion ?? '?'}`,
    ],
    [
      'Sizes before',
      sizes.desiredCapacity === undefined
        ? undefined
        : `minimum ${sizes.minSize ?? '?'}, desired ${sizes.desiredCapacity}, maximum ${sizes.maxSize ?? '?'}`,
    ],
    ['Parallelism', explained(plan.parallelism)],
    ['Surge', explained(plan.surge)],
    ['Admission', plan.admission],
    [
      'Predicted duration',
      estimate.durationSeconds === undefined
        ? undefined
        : `${duration(estimate.durationSeconds)}${estimate.assumptions === undefined ? '' : ` (${estimate.assumptions})`}`,
    ],
    [
      'Predicted cost',
      estimate.stepFunctionsUsd === undefined
        ? undefined
        : `${usd(estimate.stepFunctionsUsd)} for ${plural(estimate.stateTransitions ?? 0, 'state transition')}, ${(estimate.extraInstanceHours ?? 0).toFixed(1)} extra instance-hours`,
    ],
    ...plan.settings.map(({ name, value }): Pair => [name, value]),
  ];
}

/** What the plan said; open when it is all there is. */
export function renderPlan({ plan }: Report): Markup {
  if (plan === undefined) return NOTHING;
  const body = pairs(planPairs(plan));
  if (plan.isDryRun || plan.isNothingToDo) return html`<section class="card"><h2>Plan</h2>${body}</section>`;
  return details('Plan', plan.summary ?? '', body);
}
