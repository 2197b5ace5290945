/** A text of at most `most` characters; what is cut off is marked. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** Sentences of at most `most` characters together: cut off after a whole one where that leaves half of the room or more. */
export function shortenedToSentence(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf('. ', most - 3);
  return end > most / 2 ? `${text.slice(0, end + 1)} …` : shortened(text, most);
}
