// Puts the functions into a network when serverless.yml is given one.
const list = (text) =>
  String(text)
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');

const isInVpc = ({ subnetIds }) => list(subnetIds).length > 0;

module.exports = {
  isInVpc,
  /** For serverless.yml: `null` leaves the functions outside. */
  vpc: async ({ resolveConfigurationProperty }) => {
    const network = await resolveConfigurationProperty(['custom', 'network']);
    const subnetIds = list(network.subnetIds);
    const securityGroupIds = list(network.securityGroupIds);
    if (subnetIds.length === 0 && securityGroupIds.length === 0) return null;
    if (subnetIds.length === 0 || securityGroupIds.length === 0) {
      throw new Error('Give both --param="subnetIds=…" and --param="securityGroupIds=…", or neither.');
    }
    return { subnetIds, securityGroupIds };
  },
};
