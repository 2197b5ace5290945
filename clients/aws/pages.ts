/** Fetch page after page of an AWS list, until a page names no next one. */
export async function* pages<Page extends { NextToken?: string | undefined }>(
  fetch: (nextToken: { NextToken?: string }) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let next: { NextToken?: string } | undefined = {};
  while (next !== undefined) {
    const page: Page = await fetch(next);
    yield page;
    next = page.NextToken ? { NextToken: page.NextToken } : undefined;
  }
}

/** Cut a list into parts of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}
