import { grouped, plural } from '../../domain/text.ts';
import type { NodeReport, NodeState, Report } from '../model/model.ts';
import { adoptionNote, duration, nodeWord, secondsBetween, shortNodeName, timeOfDay } from '../model/text.ts';
import { details } from './details.ts';
import { consoleLink } from './link.ts';
import { html, type Markup, NOTHING } from './markup.ts';

const TONES: Readonly<Record<NodeReport['outcome'], string>> = {
  upgraded: 'good',
  blocked: 'bad',
  interrupted: 'bad',
  inProgress: 'busy',
  gone: 'plain',
  skipped: 'plain',
  queued: 'plain',
};

function spent(node: NodeReport, state: NodeState): string {
  const segments = node.attempts.flatMap((attempt) => attempt.segments).filter((segment) => segment.state === state);
  if (segments.length === 0) return '–';
  return duration(segments.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(startedAt, endedAt), 0));
}

function nodeRow(node: NodeReport): Markup {
  const last = node.attempts.at(-1);
  const adoption = adoptionNote(node);
  const note = [
    ...(node.attempts.length > 1 ? [`attempt ${node.attempts.length}`] : []),
    ...(last?.error === undefined ? [] : [last.error]),
    ...(last?.reason === undefined || last.outcome === 'blocked' ? [] : [last.reason]),
    ...(last?.segments.some(({ state }) => state === 'unseen') ? ['drained between two observations'] : []),
    ...(node.isSurplus ? ['one more than before the run'] : []),
    ...(last?.isDecremented && last.outcome === 'upgraded' ? ['gave back one node of the surge'] : []),
    ...(adoption === undefined ? [] : [adoption]),
    ...(node.ignored.length === 0
      ? []
      : [`${plural(node.ignored.length, 'pod')} came back because they tolerate every taint`]),
    ...(node.presumedGone === undefined
      ? []
      : [`not Ready: ${plural(node.presumedGone.length, 'pod')} counted as gone that had outlasted the grace period`]),
  ].join('; ');
  const pods =
    node.evicted.length === 0
      ? ''
      : `${node.evicted.join('\n')}${node.evictedCount > node.evicted.length ? '\n…' : ''}`;
  return html`<tr><td class="nowrap">${consoleLink(shortNodeName(node), last?.consoleUrl)}<small>${node.instanceId}</small></td><td class="nowrap">${node.zone ?? '–'}</td>
<td><span class="pill ${TONES[node.outcome]}">${nodeWord(node)}</span></td>
<td class="number">${node.attempts[0] === undefined ? '–' : timeOfDay(node.attempts[0].startedAt)}</td>
<td class="number">${spent(node, 'waiting')}</td><td class="number">${spent(node, 'draining')}</td><td class="number">${spent(node, 'cordonWait')}</td>
<td class="number" title="${pods}">${node.evictedCount}${node.deletedCount > 0 ? ` + ${node.deletedCount} deleted` : ''}</td><td>${note}</td></tr>`;
}

/** One row for each node. */
export function renderNodeTable({ nodes, counts }: Report): Markup {
  if (nodes.length === 0) return NOTHING;
  const body = html`<div class="scroll"><table><thead><tr><th>Node</th><th>Zone</th><th>Outcome</th><th class="number">Started (UTC)</th>
<th class="number">Waited</th><th class="number">Drained</th><th class="number">Cordon wait</th><th class="number">Evicted</th><th>Note</th></tr></thead><tbody>${nodes.map(nodeRow)}</tbody></table></div>`;
  return details('Nodes', `${plural(nodes.length, 'node')}, ${grouped(counts.evicted)} pods evicted`, body);
}
