// Plain JavaScript in old syntax, because a Node that is too old must be able to read it.
/** Is the Node that runs this at least a version, such as `20.19`? */
exports.isAtLeast = (version) => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = version.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
};
