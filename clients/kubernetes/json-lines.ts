/** Parse one JSON value per line: those that each chunk completes, wherever it was cut. A last line without its end is dropped. */
export async function* jsonChunks(chunks: AsyncIterable<string>): AsyncGenerator<unknown[], void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
  }
}

/** The same, value by value. */
export async function* jsonLines(chunks: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  for await (const values of jsonChunks(chunks)) yield* values;
}
