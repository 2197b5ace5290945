/** Seconds from one instant to another, both ISO-8601; negative when the second one is earlier. */
export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
