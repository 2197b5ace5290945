import { plural } from '../../domain/text.ts';
import { failureText, figureTable, markdownSections } from '../markdown/markdown.ts';
import { bullets, code, escaped, ICONS, joined, section, table } from '../markdown/parts.ts';
import type { Report } from '../model/model.ts';
import { duration, instantText, usd } from '../model/text.ts';
import { clusterFigures } from './figures.ts';
import type { ClusterReport, GroupRow } from './model.ts';
import {
  capacityWords,
  engineWords,
  fromTo,
  nodesWords,
  OUTCOME_TONES,
  OUTCOME_WORDS,
  unresolvedWords,
  whyNot,
} from './words.ts';

const rowOf = (row: GroupRow): string[] => [
  `**${escaped(row.name)}**`,
  escaped(engineWords(row)),
  `${OUTCOME_TONES[row.outcome] === 'bad' ? '❌ ' : ''}${OUTCOME_WORDS[row.outcome]}`,
  escaped(Object.values(fromTo(row)).join(' → ')),
  nodesWords(row),
  row.durationSeconds === undefined ? '–' : duration(row.durationSeconds),
  row.evicted === undefined ? '–' : String(row.evicted),
  capacityWords(row) || '–',
  [row.blockingPods ?? '–', unresolvedWords(row)].filter((part) => part !== '').join(', '),
  escaped(
    Object.values(whyNot(row))
      .filter((part) => part !== '')
      .join(': '),
  ),
];

/** The report of one group, its headings two levels lower. Only our own lines begin with #. */
function groupText(report: ClusterReport, group: Report): string {
  const name = report.nodegroups.find(({ execution }) => execution?.name === group.execution.name)?.name;
  const sections = joined(markdownSections(group)).replace(/^(?=#+ )/gm, '##');
  return `### ${ICONS[group.status]} ${escaped(name ?? group.execution.name)}: ${escaped(group.headline)}\n\n${sections}`;
}

/** Render the report of a whole cluster as Markdown, with the report of each group below. */
export function renderClusterMarkdown(report: ClusterReport): string {
  const { status, headline, plan, execution, nodegroups, outOfScope, warnings, groups, cost } = report;
  const facts = [
    [plan?.clusterName, execution.region].filter((text) => text !== undefined && text !== '').join(' / '),
    plan?.maxParallelNodegroups === undefined ? '' : `${plural(plan.maxParallelNodegroups, 'group')} at a time`,
    `started ${instantText(execution.startedAt)}${execution.startedBy === undefined ? '' : ` by ${execution.startedBy}`}`,
    execution.stoppedAt === undefined ? '' : `ended ${instantText(execution.stoppedAt)}`,
  ];
  const head = [
    'Group',
    'Kind',
    'Outcome',
    'From → to',
    'Nodes',
    'Took',
    'Evicted',
    'Lowest',
    'Blocking pods',
    'Reason',
  ];
  return `${joined([
    `# ${ICONS[status]} ${escaped(headline)}`,
    facts
      .filter((fact) => fact !== '')
      .map(escaped)
      .join(' · '),
    failureText(report),
    section('Key figures', figureTable(clusterFigures(report))),
    section('Node groups', nodegroups.length === 0 ? '' : table(head, nodegroups.map(rowOf))),
    section(
      'Out of scope',
      outOfScope.length === 0
        ? ''
        : table(
            ['Nodes of', 'Kind', 'Nodes', 'Why'],
            outOfScope.map(({ kind, name, nodes, reason }) => [
              escaped(name),
              escaped(kind),
              String(nodes),
              escaped(reason),
            ]),
          ),
    ),
    section('Warnings', bullets(warnings.map(escaped))),
    section('Each group', joined(groups.map((group) => groupText(report, group)))),
    `Execution ${code(execution.arn)}; ${plural(cost.executions, 'execution')}, ${plural(cost.stateTransitions, 'state transition')}, ${usd(cost.stepFunctionsUsd)}.`,
  ])}\n`;
}
