import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cached, cacheKey, cacheRoot, type Say } from './cache.ts';
import { checkPlatform, MissingTool, makeEnvironment, platform, versionOf } from './tools.ts';

const REQUIREMENTS = join(import.meta.dirname, '../interpreter/requirements.txt');

/** Where pyenv keeps a version, whether or not it is the one in use. */
function pyenvPythons(environment: Readonly<Record<string, string | undefined>>): string[] {
  const versions = join(environment.PYENV_ROOT || join(environment.HOME || homedir(), '.pyenv'), 'versions');
  try {
    const names = readdirSync(versions).filter((name) => /^3\.13\.\d+$/.test(name));
    return names.map((name) => join(versions, name, 'bin/python'));
  } catch {
    return [];
  }
}

/** Find Python 3.13: its packages are built for one version. @throws MissingTool saying how to get it */
function findPython(environment: Readonly<Record<string, string | undefined>>): string {
  const candidates = ['python3.13', ...pyenvPythons(environment), 'python3'];
  const found = candidates.find((command) => {
    const [major, minor] = versionOf(command, '--version', /Python (\d+)\.(\d+)/) ?? [];
    return major === 3 && minor === 13;
  });
  if (found === undefined) {
    throw new MissingTool(
      "LocalStack's interpreter needs Python 3.13, which is missing: install it from https://www.python.org/downloads/ or with pyenv (pyenv install 3.13), then try again.",
    );
  }
  return found;
}

/**
 * Install LocalStack, or find it in the cache.
 *
 * @returns its Python
 * @throws MissingTool when this machine has no Python 3.13
 */
export async function prepareLocalStack(say: Say): Promise<string> {
  checkPlatform();
  const python = findPython(process.env);
  const entry = {
    root: cacheRoot(process.env),
    name: 'localstack',
    key: cacheKey(platform, readFileSync(REQUIREMENTS, 'utf8')),
    async build(folder: string) {
      say("localstack: installing LocalStack's Step Functions, about a minute");
      await makeEnvironment(folder, python, REQUIREMENTS);
    },
  };
  return join(await cached(entry, say), 'bin/python');
}
