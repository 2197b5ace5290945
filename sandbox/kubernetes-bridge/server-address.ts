import { BlockList, isIP } from 'node:net';

/** Addresses that name this host or a network of one's own. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  // "This host": where k3d and minikube say their servers listen.
  ['0.0.0.0', 32],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** Clouds name the private endpoints of their clusters in public; such a name is no test cluster of one's own. */
const HOSTED = /\.(amazonaws\.com(\.cn)?|azmk8s\.io|gke\.goog|linodelke\.net|ondigitalocean\.com)\.?$/;

const isPrivate = (address: string): boolean => PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * Say why a server may be a cluster that somebody depends on.
 *
 * @param server  URL of the API server, as a kubeconfig names it
 * @param resolve all addresses of a host name; rejects when there are none
 * @returns half a sentence about the server; `undefined` when it is on a private or loopback address
 */
export async function whyNotPrivate(
  server: string,
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<string | undefined> {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (HOSTED.test(host)) return `${host} is the name of a hosted cluster`;
  if (isIP(host) !== 0) return isPrivate(host) ? undefined : `${host} is a public address`;
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length === 0) return `${host} has no address`;
  const open = addresses.find((address) => !isPrivate(address));
  return open === undefined ? undefined : `${host} is ${open}, a public address`;
}
