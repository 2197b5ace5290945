import type { NodeReport } from './node-report.ts';

/** A length of time for people: `45 s`, `12 min 5 s`, `1 h 3 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(whole / 3600);
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const join = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

/** A length of time on a clock face: `03:07`, `1:02:03`. */
export function clockFace(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? rest : `${Math.floor(whole / 3600)}:${rest}`;
}

/** An instant for people: `2026-01-20 10:15:00 UTC`. */
export const instantText = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;

/** The time of day of an instant: `10:15:00`. */
export const timeOfDay = (at: string): string => at.slice(11, 19);

export const secondsBetween = (from: string, to: string): number =>
  Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** US dollars; a sum below a cent has one significant figure. */
export function usd(amount: number): string {
  if (amount === 0) return '$0.00';
  return amount < 0.01 ? `$${amount.toPrecision(1)}` : `$${amount.toFixed(2)}`;
}

/** A node's name without its domain; the instance id of a node without a name. */
export const shortNodeName = (node: { nodeName?: string; instanceId: string }): string =>
  node.nodeName?.split('.')[0] ?? node.instanceId;

/** How a node ended or what it is doing, in a word or two. */
export function nodeWord({ outcome, state, isSurplus }: Pick<NodeReport, 'outcome' | 'state' | 'isSurplus'>): string {
  if (outcome === 'upgraded' && isSurplus) return 'removed';
  return (state ?? outcome).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** That an earlier run began with a node, and with which other settings; `undefined` when none did. */
export function adoptionNote({ attempts }: Pick<NodeReport, 'attempts'>): string | undefined {
  const adopted = attempts.find(({ isAdopted }) => isAdopted);
  if (adopted === undefined) return undefined;
  const settings = (adopted.otherSettings ?? []).map(({ name, value }) => `${name.toLowerCase()}: ${value}`);
  return `begun by an earlier run${settings.length === 0 ? '' : ` (${settings.join('; ')})`}`;
}
