import type { Image, Scenario } from '../../world/scenario.ts';

const al2Name: Readonly<Record<string, { directory: string; pinnedPrefix: string }>> = {
  AL2_x86_64: { directory: 'amazon-linux-2', pinnedPrefix: 'amazon-eks-node' },
  AL2_x86_64_GPU: { directory: 'amazon-linux-2-gpu', pinnedPrefix: 'amazon-eks-gpu-node' },
  AL2_ARM_64: { directory: 'amazon-linux-2-arm64', pinnedPrefix: 'amazon-eks-arm64-node' },
};

const byPath = (directory: string, values: Readonly<Record<string, string | undefined>>): [string, string][] =>
  Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[`${directory}/${name}`, value]],
  );

/** The date in a Linux release version such as 1.33.5-20260101. */
const dateOf = ({ releaseVersion, name }: Image) =>
  /-(\d{8})$/.exec(releaseVersion ?? '')?.[1] ?? /-v(\d{8})$/.exec(name)?.[1];

function amazonLinuxParameters(image: Image, directory: string, pinnedName: string): [string, string][] {
  const date = dateOf(image);
  const values = { image_id: image.id, release_version: image.releaseVersion, image_name: image.name };
  return [
    ...(image.isRecommended
      ? [
          ...byPath(`${directory}/recommended`, values),
          [
            `${directory}/recommended`,
            JSON.stringify({
              schema_version: '2',
              image_id: image.id,
              image_name: image.name,
              release_version: image.releaseVersion,
            }),
          ] satisfies [string, string],
        ]
      : []),
    ...(date === undefined ? [] : byPath(`${directory}/${pinnedName}-v${date}`, values)),
  ];
}

function bottlerocketParameters(image: Image, variant: string, architecture: string): [string, string][] {
  const directory = `/aws/service/bottlerocket/aws-k8s-${image.kubernetesVersion}${variant}/${architecture}`;
  const values = { image_id: image.id, image_version: image.releaseVersion };
  return [
    ...(image.isRecommended ? byPath(`${directory}/latest`, values) : []),
    // A pinned path has the version both with and without its commit, and never a leading v.
    ...(image.releaseVersion === undefined
      ? []
      : [...new Set([image.releaseVersion, image.releaseVersion.split('-')[0] as string])].flatMap((version) =>
          byPath(`${directory}/${version}`, values),
        )),
  ];
}

function windowsParameters(image: Image, edition: string, year: string): [string, string][] {
  if (!image.isRecommended) return [];
  const name = edition === 'CORE' ? 'Core' : 'Full';
  const parent = `/aws/service/ami-windows-latest/Windows_Server-${year}-English-${name}-EKS_Optimized-${image.kubernetesVersion}`;
  return [
    [`${parent}/image_id`, image.id],
    [parent, JSON.stringify({ image_name: image.name, image_id: image.id, release_version: image.releaseVersion })],
  ];
}

/**
 * The public parameters that AWS publishes for an EKS AMI: of the recommended one, and pinned to its version.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
 */
export function parametersOfImage(image: Image): [string, string][] {
  const { amiType, kubernetesVersion } = image;
  const eks = `/aws/service/eks/optimized-ami/${kubernetesVersion}`;

  const al2 = al2Name[amiType];
  if (al2 !== undefined)
    return amazonLinuxParameters(image, `${eks}/${al2.directory}`, `${al2.pinnedPrefix}-${kubernetesVersion}`);

  const [, al2023Architecture, al2023Variant] = /^AL2023_(x86_64|ARM_64)_(STANDARD|NVIDIA|NEURON)$/.exec(amiType) ?? [];
  if (al2023Architecture !== undefined && al2023Variant !== undefined) {
    const architecture = al2023Architecture === 'ARM_64' ? 'arm64' : 'x86_64';
    const variant = al2023Variant.toLowerCase();
    return amazonLinuxParameters(
      image,
      `${eks}/amazon-linux-2023/${architecture}/${variant}`,
      `amazon-eks-node-al2023-${architecture}-${variant}-${kubernetesVersion}`,
    );
  }

  const [, rocketArchitecture, rocketVariant = ''] =
    /^BOTTLEROCKET_(x86_64|ARM_64)((?:_NVIDIA|_FIPS)?)$/.exec(amiType) ?? [];
  if (rocketArchitecture !== undefined)
    return bottlerocketParameters(
      image,
      rocketVariant.toLowerCase().replace('_', '-'),
      rocketArchitecture === 'ARM_64' ? 'arm64' : 'x86_64',
    );

  const [, edition, year] = /^WINDOWS_(CORE|FULL)_(\d{4})_x86_64$/.exec(amiType) ?? [];
  return edition !== undefined && year !== undefined ? windowsParameters(image, edition, year) : [];
}

/** All SSM parameters of a scenario, by name; the scenario's own win. */
export const parametersOfScenario = ({ images, parameters }: Scenario): Map<string, string> =>
  new Map([...images.flatMap(parametersOfImage), ...Object.entries(parameters)]);
