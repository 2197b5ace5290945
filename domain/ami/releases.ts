import { InvalidInput } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import { amiFamily, amiTypeOfName } from './ami.ts';

const numbers = (parts: readonly (string | undefined)[]): number[] => parts.map(Number);

/**
 * What orders the releases of one AMI family, oldest first; `undefined` for a text that is no release version of it.
 *
 * Amazon Linux counts by Kubernetes minor and day (`1.33.5-20260101`), Windows likewise (`1.33-2026.01.13`), Bottlerocket by
 * its own version (`1.49.0-abcdef12`).
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
 */
function orderOf(releaseVersion: string, amiType: string): number[] | undefined {
  if (amiType.startsWith('BOTTLEROCKET')) {
    const own = /^v?(\d+)\.(\d+)\.(\d+)(?:-[0-9a-f]{8})?$/.exec(releaseVersion);
    return own === null ? undefined : numbers(own.slice(1));
  }
  const dated =
    /^(\d+)\.(\d+)(?:\.\d+)?-(\d{4})(\d\d)(\d\d)$/.exec(releaseVersion) ??
    /^(\d+)\.(\d+)-(\d{4})\.(\d\d)\.(\d\d)$/.exec(releaseVersion);
  return dated === null ? undefined : numbers(dated.slice(1));
}

/** Decide whether a release came before another of the same AMI type; false where they cannot be compared. */
export function isOlderRelease(releaseVersion: string, than: string, amiType: string): boolean {
  const [left, right] = [orderOf(releaseVersion, amiType), orderOf(than, amiType)];
  if (left === undefined || right === undefined) return false;
  const index = left.findIndex((part, position) => part !== right[position]);
  return index >= 0 && (left[index] as number) < (right[index] as number);
}

/** Kubernetes minor that a release version names; `undefined` for Bottlerocket, whose releases are for several. */
export function minorOfRelease(releaseVersion: string, amiType: string): string | undefined {
  const order = amiType.startsWith('BOTTLEROCKET') ? undefined : orderOf(releaseVersion, amiType);
  return order === undefined ? undefined : `${order[0]}.${order[1]}`;
}

/** Release in the name of an AMI of AWS; no such name has the patch version. `undefined` for names that AWS did not give. */
export function releaseOfName(imageName: string): string | undefined {
  if (amiTypeOfName(imageName) === undefined) return undefined;
  const dated = /-(\d+\.\d+)-v(\d{8})$/.exec(imageName);
  if (dated !== null) return `${dated[1]}-${dated[2]}`;
  return (
    /^bottlerocket-.*-v(\d+\.\d+\.\d+-[0-9a-f]{8})$/.exec(imageName)?.[1] ??
    /^Windows_Server-.*-(\d+\.\d+-\d{4}\.\d\d\.\d\d)$/.exec(imageName)?.[1]
  );
}

/**
 * Refuse a release that is older than the one in use, unless that was asked for.
 *
 * A template version is named by its number, as a rollback does: that is asking for it.
 *
 * @throws {InvalidInput}
 */
export function checkDowngrade(facts: {
  input: Pick<UpgradeInput, 'allowDowngrade' | 'target'>;
  releaseVersion: string | undefined;
  inUse: string | undefined;
  amiType: string | undefined;
}): void {
  const { input, releaseVersion, inUse, amiType } = facts;
  if (input.allowDowngrade || releaseVersion === undefined || inUse === undefined || amiType === undefined) return;
  if (input.target?.launchTemplateVersion !== undefined) return;
  if (!isOlderRelease(releaseVersion, inUse, amiType)) return;
  const [named] = Object.keys(input.target ?? {});
  const how = named === undefined || named === 'releaseVersion' ? '' : ' of release';
  const origin = named === undefined ? 'the recommended release' : `"target.${named}"${how}`;
  throw new InvalidInput(
    `${origin} ${releaseVersion} is older than ${inUse}, which the group runs: say {"allowDowngrade": true} if that is meant`,
  );
}

/** Release of the AMI in use, from its name, when the target is of the same family. */
export function releaseInUse(imageName: string | undefined, amiType: string | undefined): string | undefined {
  const own = imageName === undefined ? undefined : amiTypeOfName(imageName);
  if (imageName === undefined || own === undefined || amiType === undefined) return undefined;
  return amiFamily(own) === amiFamily(amiType as typeof own) ? releaseOfName(imageName) : undefined;
}
