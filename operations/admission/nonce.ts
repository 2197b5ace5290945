/** Random text by which one invocation is known. */
export const makeNonce = (random: () => number): string =>
  Array.from({ length: 4 }, () =>
    Math.floor(random() * 0x10000)
      .toString(16)
      .padStart(4, '0'),
  ).join('');
