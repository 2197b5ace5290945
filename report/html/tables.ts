import type { BlockingPod } from '../../domain/state.ts';
import { grouped, plural } from '../../domain/text.ts';
import type { BlockingSpan, NodeReport, NodeState, PlanReport, Report } from '../model/model.ts';
import { duration, secondsBetween, shortNodeName, timeOfDay, usd } from '../model/text.ts';
import { updatePairs } from '../model/update-words.ts';
import { html, type Markup, NOTHING } from './markup.ts';

/** More rows than a person reads; the JSON report has them all. */
const MAX_HELD_ROWS = 100;

const details = (title: string, note: string, body: Markup): Markup =>
  html`<details class="card"><summary>${title}<span>${note}</span></summary><div class="body">${body}</div></details>`;

const podCell = ({ namespace, name, owner }: BlockingPod): Markup =>
  html`<td class="pod"><span class="owner">${namespace}/${name}</span>${owner === undefined ? NOTHING : html`<small>${owner}</small>`}</td>`;

const reasonCell = ({ detail, budget, reason }: BlockingPod): Markup =>
  html`<td>${detail === '' ? reason : detail}${budget === undefined || detail.includes(budget) ? NOTHING : html`<small>budget ${budget}</small>`}</td>`;

const blockingRow = (
  blockingPods: BlockingSpan,
  isRunning: boolean,
): Markup => html`<tr>${podCell(blockingPods)}<td class="nowrap" title="${blockingPods.instanceId}">${shortNodeName(blockingPods)}</td>${reasonCell(blockingPods)}
<td class="nowrap">${duration(blockingPods.blockedSeconds)}<small>since ${timeOfDay(blockingPods.blockedFrom)}</small></td>
<td><span class="pill ${blockingPods.outcome === 'blocked' ? 'bad' : 'good'}">${blockingPods.outcome === 'left' ? 'left' : isRunning ? 'holding now' : 'not resolved'}</span></td><td class="advice">${blockingPods.advice}</td></tr>`;

/** The pods that held drains up: what held them, how long, and what to do. */
export function renderBlockingSpans({ blockingPods, status }: Report): Markup {
  if (blockingPods.length === 0) return NOTHING;
  const more = blockingPods.length - MAX_HELD_ROWS;
  return html`<section class="card"><h2>Held pods</h2><div class="scroll"><table>
<thead><tr><th>Pod</th><th>Node</th><th>What held it</th><th>For</th><th>Outcome</th><th>What to do</th></tr></thead>
<tbody>${blockingPods.slice(0, MAX_HELD_ROWS).map((blockingPods) => blockingRow(blockingPods, status === 'RUNNING'))}</tbody></table></div>${
    more > 0
      ? html`<p class="soft">…and ${plural(more, 'more pod')} held for less long; the JSON report has them all.</p>`
      : NOTHING
  }</section>`;
}

const TONES: Readonly<Record<NodeReport['outcome'], string>> = {
  upgraded: 'good',
  blocked: 'bad',
  interrupted: 'bad',
  inProgress: 'busy',
  skipped: 'plain',
  queued: 'plain',
};

const WORDS: Readonly<Record<string, string>> = {
  inProgress: 'in progress',
  queued: 'not begun',
  cordonWait: 'cordon wait',
};

function spent(node: NodeReport, state: NodeState): string {
  const segments = node.attempts.flatMap((attempt) => attempt.segments).filter((segment) => segment.state === state);
  if (segments.length === 0) return '–';
  return duration(segments.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(startedAt, endedAt), 0));
}

function nodeRow(node: NodeReport): Markup {
  const last = node.attempts.at(-1);
  const word = node.state ?? node.outcome;
  const note = [
    ...(node.attempts.length > 1 ? [`attempt ${node.attempts.length}`] : []),
    ...(last?.error === undefined ? [] : [last.error]),
    ...(last?.reason === undefined || last.outcome === 'blocked' ? [] : [last.reason]),
    ...(last?.segments.some(({ state }) => state === 'unseen') ? ['drained between two looks'] : []),
    ...(last?.isAbsorbed ? ['took back one surge node'] : []),
    ...(node.ignored.length === 0 ? [] : [`${plural(node.ignored.length, 'pod')} came back, tolerating every taint`]),
  ].join('; ');
  const pods =
    node.evicted.length === 0
      ? ''
      : `${node.evicted.join('\n')}${node.evictedCount > node.evicted.length ? '\n…' : ''}`;
  return html`<tr><td class="nowrap">${shortNodeName(node)}<small>${node.instanceId}</small></td><td class="nowrap">${node.zone ?? '–'}</td>
<td><span class="pill ${TONES[node.outcome]}">${WORDS[word] ?? word}</span></td>
<td class="number">${node.attempts[0] === undefined ? '–' : timeOfDay(node.attempts[0].startedAt)}</td>
<td class="number">${spent(node, 'waiting')}</td><td class="number">${spent(node, 'draining')}</td><td class="number">${spent(node, 'cordonWait')}</td>
<td class="number" title="${pods}">${node.evictedCount}${node.deletedCount > 0 ? ` + ${node.deletedCount} deleted` : ''}</td><td>${note}</td></tr>`;
}

export function renderNodeTable({ nodes, counts }: Report): Markup {
  if (nodes.length === 0) return NOTHING;
  const body = html`<div class="scroll"><table><thead><tr><th>Node</th><th>Zone</th><th>Outcome</th><th class="number">Began (UTC)</th>
<th class="number">Waited</th><th class="number">Drained</th><th class="number">Cordon wait</th><th class="number">Evicted</th><th>Note</th></tr></thead><tbody>${nodes.map(nodeRow)}</tbody></table></div>`;
  return details('Nodes', `${plural(nodes.length, 'node')}, ${grouped(counts.evicted)} pods evicted`, body);
}

export function renderPhaseTable({ phases }: Report): Markup {
  if (phases.length === 0) return NOTHING;
  const rows = phases.map(
    ({ title, startedAt, endedAt, hasFailed, carriedOutBy }) =>
      html`<tr><td>${title} ${carriedOutBy === undefined ? NOTHING : html`<span class="soft">by ${carriedOutBy}</span> `}${hasFailed ? html`<span class="pill bad">failed</span>` : NOTHING}</td><td class="number">${timeOfDay(startedAt)}</td><td class="number">${endedAt === undefined ? 'going on' : timeOfDay(endedAt)}</td><td class="number">${endedAt === undefined ? '' : duration(secondsBetween(startedAt, endedAt))}</td></tr>`,
  );
  const summary = phases
    .map(({ title, startedAt, endedAt }) =>
      endedAt === undefined ? `${title} going on` : `${title} ${duration(secondsBetween(startedAt, endedAt))}`,
    )
    .join(' · ');
  return details(
    'Phases',
    summary,
    html`<div class="scroll"><table><thead><tr><th>Phase</th><th class="number">Began (UTC)</th><th class="number">Ended</th><th class="number">Took</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

type Pair = readonly [string, string | Markup | undefined];

const pairs = (entries: readonly Pair[]): Markup =>
  html`<dl class="pairs">${entries.map(([name, value]) => (value === undefined || value === '' ? NOTHING : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>`;

const ruled = ({ nodes, rule }: { nodes?: number; rule?: string }): string | undefined =>
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
    ['Parallelism', ruled(plan.parallelism)],
    ['Surge', ruled(plan.surge)],
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

/** The update that EKS carries out. */
export function renderUpdate({ update }: Report): Markup {
  return update === undefined ? NOTHING : details('Update of EKS', update.updateId, pairs(updatePairs(update)));
}

/** Pods that the plan expected to block a drain. */
export function renderPlannedBlockingPods({ plan }: Report): Markup {
  if (plan === undefined || plan.blockingPods.length === 0) return NOTHING;
  const table = html`<div class="scroll"><table><thead><tr><th>Pod</th><th>Why</th><th>What to do</th></tr></thead><tbody>${plan.blockingPods.map(
    (blockingPod) =>
      html`<tr>${podCell(blockingPod)}${reasonCell(blockingPod)}<td class="advice">${blockingPod.advice}</td></tr>`,
  )}</tbody></table></div>`;
  const title = plan.isDryRun ? 'Pods that would block a drain' : 'Pods the plan expected to block a drain';
  const count = plural(plan.blockingPodCount, 'pod');
  return plan.isDryRun ? html`<section class="card"><h2>${title}</h2>${table}</section>` : details(title, count, table);
}

export function renderRetries({ retries }: Report): Markup {
  if (retries.length === 0) return NOTHING;
  const rows = retries.map(
    ({ state, instanceId, error, message, count, lastAt }) =>
      html`<tr><td>${state}</td><td>${instanceId ?? ''}</td><td>${error}</td><td>${message}</td><td class="number">${count}</td><td class="number">${timeOfDay(lastAt)}</td></tr>`,
  );
  const count = retries.reduce((sum, retry) => sum + retry.count, 0);
  return details(
    'Retries',
    `${plural(count, 'try', 'tries')} that failed and ${count === 1 ? 'was' : 'were'} repeated`,
    html`<div class="scroll"><table><thead><tr><th>State</th><th>Instance</th><th>Error</th><th>Message</th><th class="number">Times</th><th class="number">Last (UTC)</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** What was started, by whom, with what. */
export function renderExecution({
  execution,
  input,
  cost,
}: Pick<Report, 'execution' | 'input'> & {
  readonly cost: Pick<Report['cost'], 'stateTransitions' | 'stepFunctionsUsd'>;
}): Markup {
  const body = html`${pairs([
    ['Execution', html`<code>${execution.arn}</code>`],
    ['Started by', execution.startedBy ?? 'not in the history; CloudTrail records who called StartExecution'],
    ['Started', `${execution.startedAt}`],
    ['Stopped', execution.stoppedAt],
    ['Role', execution.roleArn === undefined ? undefined : html`<code>${execution.roleArn}</code>`],
    [
      'State transitions',
      `${grouped(cost.stateTransitions)}, ${usd(cost.stepFunctionsUsd)} at the list price of us-east-1`,
    ],
  ])}<h3>Input</h3><pre>${input === undefined ? 'not in the history' : JSON.stringify(input, null, 2)}</pre>`;
  return details('Execution and input', execution.name, body);
}
