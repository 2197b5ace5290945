/** Tell whether two JSON values are the same; shared parts cost nothing. */
export function isEqualJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isEqualJson(item, right[index]));
  }
  const leftFields = left as Record<string, unknown>;
  const rightFields = right as Record<string, unknown>;
  const names = Object.keys(leftFields).filter((name) => leftFields[name] !== undefined);
  if (names.length !== Object.keys(rightFields).filter((name) => rightFields[name] !== undefined).length) return false;
  return names.every((name) => isEqualJson(leftFields[name], rightFields[name]));
}
