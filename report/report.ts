/*
 * The report of a run, from execution histories alone.
 *
 * history   what Step Functions recorded of an execution: its own, its children's, its groups'
 * model     all that a report says, before it has a form (model/); what `report --json` prints
 * renderer  from a model to a page (html/), to text for tickets (markdown/), or to JSON
 * cluster   the report of a whole cluster, which has the report of each group in it (cluster/)
 */
import { renderClusterHtml } from './cluster/html.ts';
import { renderClusterMarkdown } from './cluster/markdown.ts';
import { type AnyReport, isClusterReport } from './cluster/model.ts';
import { renderHtml } from './html/html.ts';
import { renderMarkdown } from './markdown/markdown.ts';

export { buildAnyReport } from './cluster/cluster.ts';

/** Renderers of any report, by format. */
export const RENDERERS = {
  html: (report: AnyReport): string => (isClusterReport(report) ? renderClusterHtml(report) : renderHtml(report)),
  markdown: (report: AnyReport): string =>
    isClusterReport(report) ? renderClusterMarkdown(report) : renderMarkdown(report),
  json: (report: AnyReport): string => `${JSON.stringify(report, null, 2)}\n`,
} as const;
