/** Chunks of text that one consumer reads as they come; ends with `end`, or when the consumer stops. */
export interface ChunkQueue extends AsyncIterable<string> {
  push(chunk: string): void;
  /** No more chunks; those already pushed are still delivered. */
  end(): void;
  /** How much has been pushed that nobody has read yet, in characters. */
  unread(): number;
}

/**
 * Create an empty queue.
 *
 * @param onStop called once, when the queue has ended for whatever reason
 */
export function createChunkQueue(onStop: () => void): ChunkQueue {
  const chunks: string[] = [];
  let isEnded = false;
  let wake: (() => void) | undefined;
  let unread = 0;

  const end = () => {
    if (isEnded) return;
    isEnded = true;
    onStop();
    wake?.();
  };

  return {
    push(chunk) {
      if (isEnded) return;
      chunks.push(chunk);
      unread += chunk.length;
      wake?.();
    },
    end,
    unread: () => unread,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          // Everything at hand goes out as one write.
          if (chunks.length > 0) {
            unread = 0;
            yield chunks.splice(0).join('');
          } else if (isEnded) return;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        end();
      }
    },
  };
}
