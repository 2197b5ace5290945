import { readFileSync } from 'node:fs';
import { ADDRESSES_VARIABLE, type RealAddresses } from './harness/addresses.ts';

/**
 * Where the real services are.
 *
 * @throws Error saying how to run the tests when the services are not running
 */
export function realAddresses(): RealAddresses {
  const path = process.env[ADDRESSES_VARIABLE];
  if (path === undefined) {
    throw new Error(
      `${ADDRESSES_VARIABLE} is not set, so there is nothing to test against: run npm run test:real, or one file by npm run test:real -- FILE.`,
    );
  }
  return JSON.parse(readFileSync(path, 'utf8')) as RealAddresses;
}
