import * as z from 'zod';

/** One AMI, and how machines boot from it. */
export const imageSchema = z.strictObject({
  id: z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'an AMI id such as ami-0123456789abcdef0'),
  name: z.string(),
  amiType: z.string().default('AL2023_x86_64_STANDARD'),
  kubernetesVersion: z.string().default('1.33'),
  releaseVersion: z.string().optional().describe('e.g. 1.33.5-20260101'),
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  state: z.enum(['available', 'pending', 'failed', 'deregistered', 'disabled']).default('available'),
  createdAt: z.string().default('2026-01-01T00:00:00.000Z'),
  deprecatedAt: z.string().optional(),
  isRecommended: z.boolean().default(false).describe('published in SSM as the recommended AMI of its type and version'),
  boots: z.enum(['ready', 'never-joins', 'never-ready', 'launch-fails']).default('ready'),
  launchFailure: z.string().optional().describe('status message of the scaling activity with launch-fails'),
});

export type Image = z.infer<typeof imageSchema>;
