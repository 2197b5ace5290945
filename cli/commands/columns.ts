const lengthOf = (text: string): number => [...text].length;

// A name must not be able to move the cursor.
const tidy = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');

/** Lay rows out in columns, as wide as their widest cell, two spaces apart. The first row is the heading. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const tidied = rows.map((row) => row.map(tidy));
  const widths = (tidied[0] ?? []).map((_, column) => Math.max(...tidied.map((row) => lengthOf(row[column] ?? ''))));
  return tidied.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}
