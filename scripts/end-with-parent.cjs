/** End in good order when whoever started this process is gone, even if it was killed. */
module.exports = function endWithParent() {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.channel !== undefined) {
    process.once('disconnect', end);
    // Waiting for the parent keeps nobody alive.
    process.channel.unref();
  } else if (process.env.npm_lifecycle_event !== undefined) {
    // npm opens no channel, but an orphan gets another parent.
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || end(), 500).unref();
  }
};
