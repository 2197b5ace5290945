import { readFileSync } from 'node:fs';
import { InvalidInput } from '../../domain/errors.ts';
import { parseStrictly } from '../../domain/input/strict-input.ts';
import { usageFailure } from '../failure.ts';
import { readYaml, type Scenario, scenarioSchema, type YamlText } from './scenarios.ts';

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageFailure(`the scenario file ${file} cannot be read: ${(error as Error).message}`);
  }
}

function parseYaml(text: string, file: string): YamlText {
  try {
    return readYaml(text);
  } catch (error) {
    // The lines after the first one draw the place.
    const [sentence = ''] = (error as Error).message.split('\n');
    throw usageFailure(`${file} is not YAML: ${sentence.replace(/:$/, '')}`);
  }
}

/**
 * Read the scenario file that a user names.
 *
 * @throws {CliFailure} with one sentence that names the file, and the line of every wrong key, as for an execution input
 */
export function readScenario(file: string): Scenario {
  const { value, lineOf } = parseYaml(readText(file), file);
  try {
    return parseStrictly(scenarioSchema, value, { whole: 'the file', lineOf, areCustomMessagesSentences: true });
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw usageFailure(`${file} is not a scenario: ${error.message}`);
  }
}
