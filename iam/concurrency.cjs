// Keeps executions of Lambda free for the conductor when serverless.yml is told how many.

module.exports = {
  /** For serverless.yml: `null` reserves none. @throws Error when the parameter is no number of executions */
  conductor: async ({ resolveConfigurationProperty }) => {
    const text = String(await resolveConfigurationProperty(['custom', 'conductorConcurrency'])).trim();
    if (text === '') return null;
    if (!/^[1-9]\d*$/.test(text)) {
      throw new Error(`--param="conductorConcurrency=${text}": give the number of groups that are upgraded at a time.`);
    }
    return Number(text);
  },
};
