/**
 * Frames of a step that failed in a request, as Lambda reports them of a bundled function: as many as V8 keeps, and with the
 * message about as long as the 1,287 bytes that were measured.
 */
const FRAMES = [
  'ThrowableError (/var/task/dist/lambda/handler.js:1:48213)',
  'callService (/var/task/dist/lambda/handler.js:1:1193027)',
  'process.processTicksAndRejections (node:internal/process/task_queues:103:5)',
  'async sendRequest (/var/task/dist/lambda/handler.js:1:1194518)',
  'async Object.describeGroup (/var/task/dist/lambda/handler.js:1:1201364)',
  'async observeWithinStep (/var/task/dist/lambda/handler.js:1:1317740)',
  'async Object.run (/var/task/dist/lambda/handler.js:1:1322905)',
  'async runStep (/var/task/dist/lambda/handler.js:1:1408117)',
  'async Runtime.handler (/var/task/dist/lambda/handler.js:1:1409852)',
  'async Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1306:29)',
];

const isFrame = (line: string): boolean => line.startsWith('    at ');

/**
 * Make the `trace` of an error: its name and message, and as many frames as its stack has.
 *
 * The frames are made up, because those of this process name files of this machine. A stack that the program has cut stays cut.
 */
export function traceOf({ name, message, stack = '' }: Error): string[] {
  const frames = stack.split('\n').filter(isFrame).length;
  return [...`${name}: ${message}`.split('\n'), ...FRAMES.slice(0, frames).map((frame) => `    at ${frame}`)];
}
