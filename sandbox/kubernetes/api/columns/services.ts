import type { Service } from '../../kinds/service.ts';
import { AGE, type Column, labelPairs, NAME, NONE, text, wide } from './column.ts';

function portsOf({ spec }: Service): string {
  return (
    (spec?.ports ?? [])
      .map(({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
      .join(',') || NONE
  );
}

function externalIpOf({ spec, status }: Service): string {
  const external = [
    ...(status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? ''),
    ...(spec?.externalIPs ?? []),
  ];
  switch (spec?.type) {
    case 'LoadBalancer':
      return external.join(',') || '<pending>';
    case 'ExternalName':
      return spec.externalName ?? NONE;
    default:
      return external.join(',') || NONE;
  }
}

export const SERVICE_COLUMNS: readonly Column<Service>[] = [
  NAME,
  text('Type', ({ spec }) => spec?.type ?? ''),
  text('Cluster-IP', ({ spec }) => spec?.clusterIP || NONE),
  text('External-IP', externalIpOf),
  text('Port(s)', portsOf),
  AGE,
  wide(text('Selector', ({ spec }) => labelPairs(spec?.selector))),
];
