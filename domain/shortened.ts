/** A text of at most `most` characters; what is cut off is marked. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
