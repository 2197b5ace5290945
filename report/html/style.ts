/** The report's style sheet. Colours are checked for contrast (WCAG AA) in both schemes; print is always light. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #ffffff; --ink: #16202b; --soft: #55616e; --line: #dde3e9; --grid: #e6ebf0; --stripe: #f7f9fb;
  --good: #12733b; --good-soft: #e3f4e9; --bad: #b3261e; --bad-soft: #fdeceb; --busy: #1b5faa; --busy-soft: #e4effb;
  --warn: #8a5200; --warn-soft: #fff3dc;
  --waiting: #b6c0cb; --unseen: #9cc3ee; --draining: #2f7ed8; --cordonWait: #35b0a7; --terminating: #7d5bc7; --blocking: #e8960c; --blocked: #cf3a31;
  --plan: #8794a3; --setup: #6c7f95; --scaleUp: #4c86b8; --upgrade: #2f7ed8; --scaleDown: #35908a; --recovery: #cf3a31;
  --capacity: #12733b; --reference: #55616e;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0f151b; --card: #18212a; --ink: #e7edf3; --soft: #9fb0c0; --line: #2b3743; --grid: #26313c; --stripe: #1c2630;
    --good: #6fd898; --good-soft: #143325; --bad: #ff9d94; --bad-soft: #3d1c1b; --busy: #8cc0fa; --busy-soft: #16304c;
    --warn: #f7c063; --warn-soft: #3a2a0d;
    --waiting: #56646f; --unseen: #2f5c8f; --draining: #4a97ee; --cordonWait: #3fbdb3; --terminating: #a386e8; --blocking: #f2aa36; --blocked: #f2655c;
    --plan: #71808f; --setup: #7e93aa; --scaleUp: #5d9bd0; --upgrade: #4a97ee; --scaleDown: #46a69f; --recovery: #f2655c;
    --capacity: #6fd898; --reference: #9fb0c0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1200px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { font-size: 27px; line-height: 1.25; margin: 10px 0 6px; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 18px 0 6px; }
p { margin: 0 0 8px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.88em; }
code { overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.facts { color: var(--soft); display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 20px; }
.facts b { color: var(--ink); font-weight: 600; }
.status {
  display: inline-flex; align-items: center; gap: 7px; font-size: 13px; font-weight: 650; padding: 3px 12px 3px 10px;
  border-radius: 999px;
}
.status svg { width: 14px; height: 14px; }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
.status.good { background: var(--good-soft); } .status.bad { background: var(--bad-soft); } .status.busy { background: var(--busy-soft); }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin: 0 0 18px;
}
.notice { border-left: 5px solid var(--bad); }
.notice h2 { color: var(--bad); }
.notice.warn { border-left-color: var(--blocking); } .notice.warn h2 { color: var(--warn); }
.notice ul { margin: 8px 0 0; padding-left: 20px; }
.notice p { overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(144px, 1fr)); gap: 12px; margin: 0 0 18px; padding: 0; }
.figures:has(> :nth-child(8):last-child) { grid-template-columns: repeat(4, 1fr); }
.figures > div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 11px 13px; }
.figures dt { color: var(--soft); font-size: 12.5px; white-space: nowrap; letter-spacing: -0.01em; }
.figures dd { margin: 0; font-size: 19px; font-weight: 650; letter-spacing: -0.02em; line-height: 1.4; white-space: nowrap; }
.figures small { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; letter-spacing: 0; white-space: normal; }
.figures .bad small { color: inherit; }

.timeline { --label: 132px; padding: 0; }
.timeline > h2 { padding: 18px 20px 0; margin: 0; }
.timeline > p { padding: 4px 20px 0; margin: 0; font-size: 13px; }
.timeline svg { display: block; width: 100%; overflow: visible; }
.timeline text { fill: var(--soft); font-size: 11px; }
.head {
  position: sticky; top: 0; z-index: 2; background: var(--card); padding: 8px 20px 0; border-bottom: 1px solid var(--line);
  border-radius: 12px 12px 0 0;
}
.row { display: grid; grid-template-columns: var(--label) minmax(0, 1fr); padding-inline: 20px; }
.head .row { padding-inline: 0; }
.row > .label { color: var(--soft); font-size: 12px; padding-right: 10px; text-align: right; }
.row > .plot { padding-right: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 12.5px; color: var(--soft); padding: 4px 0 8px; margin: 0; list-style: none; }
.legend i { display: inline-block; width: 13px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
.legend i.line { height: 0; border-top: 2.5px solid; border-radius: 0; vertical-align: 3px; }
.legend i.dashed { height: 0; border-top: 2px dashed; border-radius: 0; vertical-align: 3px; }
.bands rect { rx: 4px; }
.timeline .bands text { fill: #fff; font-weight: 600; font-size: 11.5px; }
@media screen and (prefers-color-scheme: dark) { .timeline .bands text { fill: #0f151b; } }
.grid { stroke: var(--grid); stroke-width: 1; }
.capacity { padding-top: 14px; padding-bottom: 10px; border-bottom: 1px solid var(--line); }
.capacity .line { fill: none; stroke: var(--capacity); stroke-width: 2; vector-effect: non-scaling-stroke; }
.capacity .reference { stroke: var(--reference); stroke-width: 1.5; stroke-dasharray: 5 4; }
.nodes { padding-top: 10px; padding-bottom: 16px; }
.waiting { fill: var(--waiting); background: var(--waiting); }
.byEks rect.waiting { opacity: 0.4; }
.unseen { fill: var(--unseen); background: var(--unseen); }
.draining { fill: var(--draining); background: var(--draining); }
.cordonWait { fill: var(--cordonWait); background: var(--cordonWait); }
.terminating { fill: var(--terminating); background: var(--terminating); }
.blocking { fill: var(--blocking); background: var(--blocking); }
.blocked { fill: var(--blocked); background: var(--blocked); }
.skipped { fill: none; stroke: var(--soft); stroke-width: 1.5; border: 1.5px solid var(--soft); }
.plan { fill: var(--plan); background: var(--plan); } .setup { fill: var(--setup); background: var(--setup); }
.scaleUp { fill: var(--scaleUp); background: var(--scaleUp); } .upgrade { fill: var(--upgrade); background: var(--upgrade); }
.scaleDown { fill: var(--scaleDown); background: var(--scaleDown); }
.recovery { fill: var(--recovery); background: var(--recovery); }
.timeline text.node { text-anchor: end; font-size: 11px; }
.timeline text.node.bad { fill: var(--bad); font-weight: 650; }
.now { stroke: var(--busy); stroke-width: 1.5; stroke-dasharray: 2 3; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: 12.5px; white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.nowrap { white-space: nowrap; }
td.pod { min-width: 170px; }
td.advice { min-width: 210px; }
td small { display: block; color: var(--soft); }
td.number small { white-space: normal; }
td .owner { overflow-wrap: anywhere; font-weight: 600; }
.pill { display: inline-block; font-size: 12px; font-weight: 600; border-radius: 999px; padding: 0 9px; white-space: nowrap; }
.pill.good { background: var(--good-soft); } .pill.bad { background: var(--bad-soft); } .pill.busy { background: var(--busy-soft); }
.pill.plain { background: var(--stripe); color: var(--soft); }
details.card { padding: 0; }
details.card > summary { padding: 14px 20px; cursor: pointer; font-weight: 650; font-size: 15px; list-style-position: inside; }
details.card > summary::marker { color: var(--soft); }
details.card > summary > span { color: var(--soft); font-weight: 400; margin-left: 8px; }
details.card > .body { padding: 0 20px 18px; }
h2.above { margin: 28px 0 12px; }
details.group { border-top: 1px solid var(--line); padding: 4px 0; }
details.group > summary { padding: 12px 2px; cursor: pointer; font-weight: 650; font-size: 16px; }
details.group > summary > span:not(.pill) { color: var(--soft); font-weight: 400; margin-left: 8px; font-size: 15px; }
details.group > .body { padding: 6px 0 12px 16px; border-left: 3px solid var(--line); }
details.group + details.card { margin-top: 18px; }
td.bad { color: var(--bad); }
summary:focus-visible { outline: 3px solid var(--busy); outline-offset: -3px; border-radius: 12px; }
.pairs { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 22px; margin: 0; }
.pairs dt { color: var(--soft); } .pairs dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  main { padding: 16px 12px 32px; }
  h1 { font-size: 22px; }
  .figures:has(> :nth-child(8):last-child) { grid-template-columns: repeat(2, 1fr); }
  .timeline { --label: 88px; }
  .row { padding-inline: 10px; } .head { padding: 8px 10px 0; } .timeline > h2 { padding: 14px 10px 0; } .timeline > p { padding: 4px 10px 0; }
  .row > .label { padding-right: 6px; }
  .timeline text.node { font-size: 10px; }
  .bands text:not(.wide) { display: none; }
  .pairs { grid-template-columns: 1fr; } .pairs dd { margin-bottom: 6px; }
}
@media print {
  @page { margin: 12mm; }
  :root { --page: #fff; }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { padding: 0; max-width: none; }
  .head { position: static; }
  .figures { grid-template-columns: repeat(4, 1fr); }
  .figures > div, .notice, tr, .head, .capacity { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 9px; } th, td { padding-right: 8px; }
  td.pod { min-width: 90px; } td.advice { min-width: 130px; }
  .pill { font-size: 8.5px; padding: 0 6px; }
  h2 { break-after: avoid; } .timeline { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; }
}
`;
