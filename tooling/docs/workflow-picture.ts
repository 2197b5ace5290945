import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATES } from '../../domain/admission/gates.ts';
import { NODE_RULES } from '../../domain/admission/node-rules.ts';
import { again, arrow, type Box, back, box, card, code, heading, PICTURE_STYLE, row, soft } from './picture-parts.ts';
import { type DrawnState, drawnStates, nextStates, spineOf } from './state-graph.ts';

const WIDTH = 1120;
const MARGIN = 24;
const INNER = WIDTH - 2 * MARGIN;

/** Sections of upgrade-nodegroup.asl.yaml, the states before the first one, and what an operator would say of each. */
const PHASES = [
  { section: '', width: 190, title: 'Plan', says: ['what, how, for how long,', 'and what would block it'] },
  { section: 'Setup', width: 232, title: '1  Setup', says: ['same template, new AMI;', 'sizes kept as tags'] },
  { section: 'Scale up', width: 194, title: '2  Scale up', says: ['replacements come first;', 'old nodes tainted'] },
  { section: 'Upgrade', width: 190, title: '3  Upgrade', says: ['drain, terminate, replace,', 'some at a time'] },
  { section: 'Scale down', width: 194, title: '4  Scale down', says: ['maximum back, all Ready;', 'nodes cleaned up'] },
] as const;

const LOOP = [
  { name: 'observe', says: 'the group in Auto Scaling, the nodes in Kubernetes' },
  { name: 'admit', says: 'which nodes are taken now, or why none is' },
  { name: 'write', says: 'their entries into the record, before anything begins' },
  { name: 'start', says: 'an execution for each entry, by its name' },
  { name: 'watch', says: 'the nodes in hand, until one is done or something is due' },
] as const;

const definition = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../statemachines', `${name}.asl.yaml`), 'utf8');

function ofSection(states: readonly DrawnState[], section: string): DrawnState[] {
  const found = states.filter((state) => state.section === section);
  if (found.length === 0) throw new Error(`upgrade-nodegroup.asl.yaml has no section "# ${section}"`);
  return found;
}

function phases(states: readonly DrawnState[], top: number): { svg: string[]; bottom: number } {
  const gap = 18;
  const most = Math.max(...PHASES.map(({ section }) => ofSection(states, section).length));
  const height = 84 + most * 19 + 8;
  let x = MARGIN;
  const svg = PHASES.flatMap(({ section, title, says, width }) => {
    const drawn = [
      card('card', { x, y: top, width, height }),
      heading(title, x + 16, top + 28),
      ...says.map((line, index) => soft(line, x + 16, top + 50 + index * 17)),
      ...ofSection(states, section).map(
        ({ name, type }, index) =>
          `<text class="mono${type === 'Wait' ? ' waits' : ''}" x="${x + 16}" y="${top + 96 + index * 19}">${name}</text>`,
      ),
      ...(x === MARGIN ? [] : [arrow(`M${x - gap + 2} ${top + 24} H${x - 2}`)]),
    ];
    x += width + gap;
    return drawn;
  });
  return { svg, bottom: top + height };
}

function conductor(top: number): { svg: string[]; bottom: number } {
  const place = { x: MARGIN + 16, y: top + 48, width: INNER - 32 };
  const { svg, boxes, bottom } = row(
    LOOP.map((step) => ({ ...step, kind: 'step' })),
    place,
    3,
  );
  const [first, last] = [boxes[0], boxes.at(-1)].map((found) => found?.place as Box) as [Box, Box];
  const rules = [
    `reasons in admit() to take no node: ${Object.keys(GATES).join(', ')}`,
    `reasons not to take one node: ${Object.keys(NODE_RULES).join(', ')}`,
  ];
  const height = bottom - top + 86;
  return {
    svg: [
      card('child', { x: MARGIN, y: top, width: INNER, height }),
      heading(
        `${code('UpgradeNodes')}, the conductor: the only step that decides which node is next`,
        MARGIN + 16,
        top + 28,
      ),
      ...svg,
      ...back(last, first, 'for 4 to 14 minutes, then the next step'),
      ...rules.map((rule, index) => soft(rule, MARGIN + 16, bottom + 56 + index * 17)),
    ],
    bottom: top + height,
  };
}

function record(top: number): { svg: string[]; bottom: number } {
  const at = { x: MARGIN + 200, y: top, width: 480, height: 66 };
  const lines = [
    'holder · orders of operators: pause, cancel, halt',
    'accounts: wish, surge, entries in hand and leaving, parked nodes',
  ];
  const [left, right, nodes] = [at.x + 90, at.x + 330, WIDTH - 300];
  return {
    svg: [
      box('wait', 'The record: the Lease of the group', lines, at),
      arrow(`M${left} ${top - 26} V${top - 3}`),
      soft('writes accounts', left + 10, top - 9),
      arrow(`M${right} ${top - 3} V${top - 26}`),
      soft('reads orders', right + 10, top - 9),
      arrow(`M${left} ${top + 66} v23`),
      soft('the entry is the licence, read twice', left + 10, top + 82),
      arrow(`M${nodes} ${top + 89} V${top - 26}`),
      ...['each Node says what its', 'execution does: draining,', 'cordoned, terminating, blocked'].map((line, index) =>
        soft(line, nodes + 12, top + 18 + index * 17),
      ),
    ],
    bottom: at.y + at.height,
  };
}

const BACK_TO_DRAIN = 'pods are on it again';

function nodeExecution(text: string, top: number): { svg: string[]; bottom: number } {
  const { spine, loops, ways } = spineOf(text);
  const steps = spine.map(({ name, comment, type }) => ({
    name,
    says: comment ?? '',
    kind: type === 'Wait' ? 'wait' : 'step',
  }));
  const { svg, boxes, bottom } = row(steps, { x: MARGIN + 16, y: top + 64, width: INNER - 32 }, 4);
  const placeOf = (name: string) => boxes.find((found) => found.name === name)?.place as Box;
  const height = bottom - top + 46;
  return {
    svg: [
      card('child', { x: MARGIN, y: top, width: INNER, height }),
      heading(
        `One node, one execution of ${code('upgrade-node')}, named after group, instance, attempt and run`,
        MARGIN + 16,
        top + 28,
      ),
      ...svg,
      ...loops.flatMap(({ name }) => nextStates(text, name).flatMap((to) => again(placeOf(to), name))),
      ...ways.flatMap(([from, to]) => back(placeOf(from), placeOf(to), BACK_TO_DRAIN)),
    ],
    bottom: top + height,
  };
}

function byEks(states: readonly DrawnState[], top: number): { svg: string[]; bottom: number } {
  const steps = ofSection(states, 'By EKS').map(({ name, comment, type }) => ({
    name,
    says: comment ?? '',
    kind: type === 'Wait' ? 'wait' : 'step',
  }));
  const { svg, boxes, bottom } = row(steps, { x: MARGIN + 16, y: top + 48, width: INNER - 32 }, 3);
  const [, second, third] = boxes.map(({ place }) => place) as [Box, Box, Box];
  const height = bottom - top + 46;
  return {
    svg: [
      card('child', { x: MARGIN, y: top, width: INNER, height }),
      heading(
        `A managed node group, engine ${code('eks')}: EKS carries the phases out, and the run says what blocks it`,
        MARGIN + 16,
        top + 28,
      ),
      ...svg,
      ...back(third, second, 'until EKS says Successful or Failed'),
    ],
    bottom: top + height,
  };
}

/** Draw the workflow from its definitions and the rules of admission, as SVG. */
export function workflowPicture(): string {
  const text = definition('upgrade-nodegroup');
  const states = drawnStates(text);
  const top = phases(states, MARGIN);
  const loop = conductor(top.bottom + 34);
  const lease = record(loop.bottom + 28);
  const node = nodeExecution(definition('upgrade-node'), lease.bottom + 24);
  const eks = byEks(states, node.bottom + 18);
  const failure = ofSection(states, 'Failure').map(({ name }) => `<tspan class="mono">${name}</tspan>`);
  const height = eks.bottom + 52;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    '<!-- Generated by `npm run docs` from statemachines/ and domain/admission/. -->',
    '<title id="title">The upgrade of a node group: four phases, one conductor, an execution for each node</title>',
    `<desc id="desc">${PHASES.map(({ title, says }) => `${title}: ${says.join(' ')}`).join('. ')}. The conductor observes, admits, writes the record, starts node executions and watches them. A node's execution drains, cordons, waits and terminates. A managed node group: EKS carries the phases out.</desc>`,
    `<style>${PICTURE_STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="14"/>`,
    ...top.svg,
    arrow(`M${MARGIN + INNER * 0.7} ${top.bottom} V${top.bottom + 32}`),
    ...loop.svg,
    ...lease.svg,
    ...node.svg,
    ...eks.svg,
    `<text class="soft" x="${MARGIN + 16}" y="${eks.bottom + 32}">Any failure: ${failure.join(', ')} makes the remaining nodes usable again, then the run ends FAILED with the original error. Starting again continues.</text>`,
    '</svg>',
  ].join('\n')}\n`;
}
