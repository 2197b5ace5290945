/** An instance type, as far as EC2 describes it here. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly isBurstable: boolean;
  readonly isCurrentGeneration: boolean;
}

const GIB_PER_VCPU: Readonly<Record<string, number>> = {
  c: 2,
  m: 4,
  t: 4,
  r: 8,
  i: 8,
  x: 16,
  g: 4,
  p: 8,
  a: 2,
  inf: 4,
  trn: 4,
};

const families =
  'a1 c5 c5a c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7i c8g g4dn g5 g5g g6 i3 i4g i4i inf1 inf2 m5 m5a m5d m5n m6a m6g m6gd m6i m6id m7a m7g m7gd m7i m8g p3 p4d p5 r5 r5a r5d r6a r6g r6gd r6i r7a r7g r7gd r7i r8g t2 t3 t3a t4g trn1 x2gd x2idn'.split(
    ' ',
  );

const sizes =
  'nano micro small medium large xlarge 2xlarge 3xlarge 4xlarge 6xlarge 8xlarge 9xlarge 12xlarge 16xlarge 18xlarge 24xlarge 32xlarge 48xlarge metal'.split(
    ' ',
  );

const vcpusOf = (size: string, isBurstable: boolean): number => {
  if (['nano', 'micro', 'small'].includes(size)) return 2;
  if (size === 'medium') return isBurstable ? 2 : 1;
  if (size === 'large') return 2;
  if (size === 'metal') return 96;
  return 4 * Number(size.slice(0, -'xlarge'.length) || 1);
};

const burstableGib: Readonly<Record<string, number>> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
};

/**
 * Describe an instance type by its name: families with a `g` after the generation (and a1) are arm64.
 *
 * @returns undefined when EC2 has no such type
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function findInstanceType(name: string): InstanceType | undefined {
  const [family = '', size = ''] = name.split('.');
  const parts = /^([a-z]+?)(\d+)([a-z]*)$/.exec(family);
  if (parts === null || !families.includes(family) || !sizes.includes(size)) return undefined;
  const [, series = '', generation = '', options = ''] = parts;
  const isBurstable = series === 't';
  if (isBurstable && burstableGib[size] === undefined) return undefined;
  if (!isBurstable && ['nano', 'micro', 'small'].includes(size)) return undefined;
  const vcpus = vcpusOf(size, isBurstable);
  const gib = isBurstable ? (burstableGib[size] as number) : vcpus * (GIB_PER_VCPU[series] ?? 4);
  return {
    name,
    architecture: family === 'a1' || options.startsWith('g') ? 'arm64' : 'x86_64',
    vcpus,
    memoryMiB: gib * 1024,
    isBurstable,
    isCurrentGeneration: !(family === 't2' || family === 'a1' || (series === 'i' && generation === '3')),
  };
}

/** Every instance type that EC2 offers in the sandbox. */
export const allInstanceTypes = (): InstanceType[] =>
  families.flatMap((family) =>
    sizes.map((size) => findInstanceType(`${family}.${size}`)).filter((type) => type !== undefined),
  );
