import { renderClusterHtml } from './cluster/html.ts';
import { renderClusterMarkdown } from './cluster/markdown.ts';
import { type AnyReport, isClusterReport } from './cluster/model.ts';
import { renderHtml } from './html/html.ts';
import { renderMarkdown } from './markdown/markdown.ts';

/** How the report of any run is written, by format. */
export const RENDERERS = {
  html: (report: AnyReport): string => (isClusterReport(report) ? renderClusterHtml(report) : renderHtml(report)),
  markdown: (report: AnyReport): string =>
    isClusterReport(report) ? renderClusterMarkdown(report) : renderMarkdown(report),
  json: (report: AnyReport): string => `${JSON.stringify(report, null, 2)}\n`,
} as const;
