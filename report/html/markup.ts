/** Markup that is safe to place as it is. Only `html` and `raw` make it, so text cannot be forgotten to be escaped. */
export interface Markup {
  readonly markup: string;
}

type Content = Markup | string | number | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Control, direction and lone surrogate characters are not text: they could hide or reorder what a reader sees.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu;

const text = (value: string): string =>
  value.replace(INVISIBLE, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

function render(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return text(content);
  if (typeof content === 'number') return String(content);
  return 'markup' in content ? content.markup : content.map(render).join('');
}

/** Markup from a template whose inserted strings are escaped; nested markup and lists of it are kept. */
export const html = (strings: TemplateStringsArray, ...contents: Content[]): Markup => ({
  markup: strings.reduce((sum, part, index) => sum + render(contents[index - 1]) + part),
});

/** Trusted text of our own, such as a style sheet. */
export const raw = (markup: string): Markup => ({ markup });

export const NOTHING: Markup = raw('');

/** A fraction as a percentage for coordinates: `12.345%`. */
export const percent = (fraction: number): string => `${Math.round(Math.min(1, Math.max(0, fraction)) * 1e5) / 1e3}%`;
