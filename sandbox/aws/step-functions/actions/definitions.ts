import { findFaults } from '../../../step-functions/definition/check-definition.ts';
import { choice, integer, required, string, within } from '../../input-shapes.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { DEFAULT_PAGE_SIZE } from './pages.ts';

interface Diagnostic {
  readonly severity: 'ERROR';
  readonly code: string;
  readonly message: string;
  readonly location?: string;
}

function diagnose(text: string): Diagnostic[] {
  let definition: unknown;
  try {
    definition = JSON.parse(text);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message }];
  }
  return findFaults(definition).map(({ message, location }) => ({
    severity: 'ERROR',
    code: 'SCHEMA_VALIDATION_FAILED',
    message,
    location,
  }));
}

/** Checking definitions. */
export const definitionActions: Readonly<Record<string, Action>> = {
  ValidateStateMachineDefinition: action(
    {
      definition: required(within(string, 1, 1_048_576)),
      type: choice('STANDARD', 'EXPRESS'),
      severity: choice('ERROR', 'WARNING'),
      maxResults: within(integer, 0, 100),
    },
    ({ definition, maxResults }) => {
      const diagnostics = diagnose(definition);
      const most = maxResults || DEFAULT_PAGE_SIZE;
      return {
        result: diagnostics.length === 0 ? 'OK' : 'FAIL',
        diagnostics: diagnostics.slice(0, most),
        truncated: diagnostics.length > most,
      };
    },
  ),
};
