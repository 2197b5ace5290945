// The package ships no types. Without options both checks are on; a partial options object would turn the others off.
declare module 'asl-validator' {
  interface ValidationResult {
    readonly isValid: boolean;
    readonly errors: readonly { readonly 'Error code': string; readonly Message: string }[];
    errorsText(separator?: string): string;
  }
  /** Writes into its argument: give it a copy. */
  export default function validate(definition: unknown): ValidationResult;
}
