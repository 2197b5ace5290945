import { generate } from 'selfsigned';

/** A server's certificate for loopback, and the authority that clients are to trust. PEM. */
export interface LoopbackCertificate {
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const YEAR_MS = 365 * 86_400_000;

/**
 * Make a certificate authority, and with it a certificate for 127.0.0.1, ::1 and localhost.
 *
 * @param notBefore valid from a day before until a year after; clients check it by the time of day, not by the sandbox's
 */
export async function createLoopbackCertificate(notBefore: Date): Promise<LoopbackCertificate> {
  const validity = {
    notBeforeDate: new Date(notBefore.getTime() - 86_400_000),
    notAfterDate: new Date(notBefore.getTime() + YEAR_MS),
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
  } as const;
  const authority = await generate([{ name: 'commonName', value: 'eks-nodegroup-upgrade sandbox' }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { certificateAuthority: authority.cert, certificate: server.cert, privateKey: server.private };
}
