const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/**
 * Read a rate expression of EventBridge; `undefined` when it is none.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html (1 takes the singular)
 */
export function secondsOfRate(text: string): number | undefined {
  const [, count = '', unit = '', plural = ''] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(text) ?? [];
  if (unit === '' || (count === '1') !== (plural === '')) return undefined;
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}
