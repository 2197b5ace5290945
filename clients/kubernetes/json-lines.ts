/** Parse one JSON value per line, wherever the chunks were cut. A last line without its end is dropped. */
export async function* jsonLines(chunks: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
}
