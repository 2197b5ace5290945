/** Hosts of the console by partition. */
const HOSTS: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  'aws-cn': (region) => `${region}.console.amazonaws.cn`,
  'aws-us-gov': (region) => `${region}.console.amazonaws-us-gov.com`,
};

/** Only an ARN of exactly this form goes into an address. */
const EXECUTION = /^arn:(aws|aws-cn|aws-us-gov):states:([a-z0-9-]+):\d{12}:execution:[\w-]+(?:\/[\w-]+)?:[\w-]+$/;

/** Address of an execution's page in the console of AWS; `undefined` for what is no ARN of an execution. */
export function consoleUrlOf(executionArn: string | undefined): string | undefined {
  const [, partition = '', region = ''] = EXECUTION.exec(executionArn ?? '') ?? [];
  const host = HOSTS[partition]?.(region);
  return host && `https://${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
