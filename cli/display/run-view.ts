import { type AnyReport, isClusterReport } from '../../report/cluster/model.ts';
import { type Change, createChangeFeed } from './changes.ts';
import { clusterSummary, createClusterFeed } from './cluster-changes.ts';
import { renderCluster } from './cluster-render.ts';
import { type ClusterView, clusterView } from './cluster-view.ts';
import { renderProgress, type Screen } from './render.ts';
import { summaryLines } from './summary.ts';
import { type ProgressView, progressView } from './view.ts';

/** What is shown of a run of a group or of a whole cluster. */
export type RunView = ProgressView | ClusterView;

const isCluster = (view: RunView): view is ClusterView => 'kind' in view;

/** Pick out of a report what is shown. @param nowAt ISO-8601 UTC of the run's clock, when it is known */
export const runView = (report: AnyReport, nowAt?: string): RunView =>
  isClusterReport(report) ? clusterView(report, nowAt) : progressView(report, nowAt);

/** Draw a run as lines for a terminal of a size. */
export const renderRun = (view: RunView, screen: Screen): string[] =>
  isCluster(view) ? renderCluster(view, screen) : renderProgress(view, screen);

/** The run in a few lines, for its end. */
export const runSummary = (view: RunView): string[] => (isCluster(view) ? clusterSummary(view) : summaryLines(view));

/** Compare each view of a run with the previous one. All views must be of the same run. */
export function createRunFeed(): (view: RunView) => Change[] {
  const [ofGroup, ofCluster] = [createChangeFeed(), createClusterFeed()];
  return (view) => (isCluster(view) ? ofCluster(view) : ofGroup(view));
}
