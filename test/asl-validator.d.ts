// The package ships no types. Without options both checks are on; a partial options object would turn the others off.
declare module 'asl-validator' {
  interface ValidationResult {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  }
  /** Writes into its argument: give it a copy. */
  export default function validate(definition: unknown): ValidationResult;
}
