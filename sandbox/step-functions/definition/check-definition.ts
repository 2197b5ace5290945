import validate from 'asl-validator';
import type { MachineDefinition } from './definition.ts';
import type { DefinitionFault } from './definition-fault.ts';
import { findSubsetFaults } from './subset-rule.ts';

/** Messages of the validator's JSON schema start with a JSON pointer. */
const SCHEMA_MESSAGE = /^(\S*) is invalid\. (.*)$/s;

/** List what AWS would refuse. */
function findLanguageFaults(definition: unknown): DefinitionFault[] {
  try {
    // A copy, since the validator changes what it is given; and no options, since any would turn checks off.
    return validate(structuredClone(definition)).errors.map(({ Message: text }) => {
      const [, location, message] = SCHEMA_MESSAGE.exec(text) ?? [];
      return { message: message ?? text, location: location || '/' };
    });
  } catch (thrown) {
    // The validator reads members of states before it has checked that they are objects.
    return [{ message: `a state machine is expected: ${(thrown as Error).message}`, location: '/' }];
  }
}

/** List everything that keeps a definition from being run; an empty list means that it is in the subset. */
export const findFaults = (definition: unknown): DefinitionFault[] => [
  ...findSubsetFaults(definition),
  ...findLanguageFaults(definition),
];

const refuse = (faults: readonly DefinitionFault[]): Error => {
  const sentences = new Set(faults.map(({ message, location }) => `${message} at ${location}`));
  const message = `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${[...sentences].join('; ')}'`;
  return Object.assign(new Error(message), { name: 'InvalidDefinition' });
};

/** Takes a definition that can be run, and refuses any other. */
export type DefinitionCheck = (definition: unknown) => MachineDefinition;

/**
 * Take a definition that is in the subset, whether or not the rest of it is valid.
 *
 * @throws Error named `InvalidDefinition` that lists every fault with its place
 */
export const checkSubset: DefinitionCheck = (definition) => {
  const faults = findSubsetFaults(definition);
  if (faults.length > 0) throw refuse(faults);
  return definition as MachineDefinition;
};

/** JSON of definitions that were found sound: the validator takes a tenth of a second, and worlds are made by the hundred. */
const sound = new Set<string>();

/**
 * Take a definition that is valid and in the subset, and refuse any other.
 *
 * @throws Error named `InvalidDefinition` that lists every fault with its place
 */
export const checkDefinition: DefinitionCheck = (definition) => {
  const text = JSON.stringify(definition);
  if (!sound.has(text)) {
    const faults = findFaults(definition);
    if (faults.length > 0) throw refuse(faults);
    sound.add(text);
  }
  return definition as MachineDefinition;
};
