/** A module for `--require` that pretends that the Node that runs it is another version. */
export const pretendNode = (version: string): string =>
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });\n`;
