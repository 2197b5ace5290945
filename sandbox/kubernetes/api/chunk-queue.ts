/** Chunks of text that one consumer reads as they come; ends with `end`, or when the consumer stops. */
export interface ChunkQueue extends AsyncIterable<string> {
  push(chunk: string): void;
  /** No more chunks; those already pushed are still delivered. */
  end(): void;
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
      wake?.();
    },
    end,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          // Everything at hand goes out as one write.
          if (chunks.length > 0) yield chunks.splice(0).join('');
          else if (isEnded) return;
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
