const MULTIPLIERS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const parsed = new Map<string, number>();

/**
 * Read a Kubernetes quantity, in its base unit (cores, bytes, pieces).
 *
 * @throws RangeError when the text is not a quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string | number): number {
  const text = String(quantity);
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text);
  if (match === null) throw new RangeError(`"${text}" is not a quantity such as 100m, 0.5, 16Gi or 1e9`);
  const value = Number(match[1]) * (MULTIPLIERS[match[2] ?? ''] ?? 1);
  parsed.set(text, value);
  return value;
}

/** Read a CPU quantity as whole millicores, rounded up as the scheduler does. */
export const parseMillicores = (quantity: string | number): number => Math.ceil(parseQuantity(quantity) * 1000 - 1e-6);
